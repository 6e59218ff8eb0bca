"""What the public table says, and what is chosen by it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from noria.contract import Configuration, Metric
from noria_trainers.choice.learned.choose import choose
from noria_trainers.choice.learned.evidence import Evidence, landmarker
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.experience.result import Result

METRIC = Metric.BALANCED_ACCURACY
PUBLIC = "oboe"
"""The protocol's trainer of the public table's rows."""
SEEDS = 3
SIZES = ("logExamples", "encodedColumns")


@dataclass(frozen=True)
class Known:
    """The public table's results by dataset."""

    rows: Mapping[str, list[Result]]
    space: list[Configuration]

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Known":
        """Of all that is shipped, the public table."""
        rows: dict[str, list[Result]] = {}
        for each in results:
            if each.protocol.trainer == PUBLIC:
                rows.setdefault(each.revision, []).append(each)
        space = {each.configuration.id: each.configuration for row in rows.values() for each in row}
        return cls(rows, list(space.values()))

    def scores(self, dataset: str) -> dict[str, float]:
        """Its row, by the configuration's id."""
        return {each.configuration.id: each.scores[0].value for each in self.rows[dataset]}

    def seconds(self, dataset: str) -> float:
        """What its row took the table's machine."""
        return sum(each.cost.seconds for each in self.rows[dataset] if each.cost)

    def features(self, dataset: str, quick: Mapping[str, float] | None = None) -> dict[str, float]:
        """Its meta-features; with other landmarkers, by the configuration's id, where these are given."""
        found = self.rows[dataset][0].meta_features
        marks = {landmarker(each): (quick or {})[each.id] for each in _marks() if quick}
        return {**found, **marks}

    def without_siblings(self, dataset: str) -> Evidence:
        """The other datasets' results: without all those of its size, which are likely siblings."""
        size = [self.features(dataset)[name] for name in SIZES]
        rest = (row for row in self.rows.values() if [row[0].meta_features[name] for name in SIZES] != size)
        return Evidence.of((each for row in rest for each in row), METRIC)

    def chosen(self, profile: Mapping[str, float], evidence: Evidence) -> list[list[str]]:
        """Five configurations, by their ids, for each of some seeds."""
        choices = (choose(profile, self.space, evidence, seed=seed) for seed in range(SEEDS))
        return [[pick.configuration.id for pick in each.picks] for each in choices]


def _marks() -> Iterable[Configuration]:
    return (each for marks in LANDMARKERS.values() for each in marks)
