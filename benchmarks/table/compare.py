"""Our row of a dataset beside the public table's, and all of them together. Used by `bench_table`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from choose.public import Array
from choose.regret import interval
from noria_trainers.choice.learned.landmarkers import LANDMARKERS
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR
from table.known import Known
from table.subjects import TASK, Subject


@dataclass(frozen=True)
class Compared:
    """One dataset. Differences are ours less the table's, of errors; regret is 0 for its best and 1 for its worst."""

    subject: Subject
    estimators: list[str]
    """Of each configuration."""
    theirs: Array
    ours: Array
    regret: Mapping[str, Array]
    """Of the five chosen, judged by the table's row, for each seed, by whose landmarkers they were chosen."""
    landmarkers: dict[str, float]
    """Differences."""
    seconds: tuple[float, float]
    """The table's for its row, and ours."""

    @classmethod
    def of(
        cls,
        known: Known,
        subject: Subject,
        ours: Mapping[str, float],
        quick: Mapping[str, float],
        seconds: Mapping[str, float],
    ) -> "Compared":
        """Of our scores by the configuration's id: all of them, and the landmarkers' on the training split alone."""
        dataset = f"oboe-{subject.openml}"
        theirs, evidence = known.scores(dataset), known.without_siblings(dataset)
        best, worst = max(theirs.values()), min(theirs.values())

        def regret(marks: Mapping[str, float] | None) -> Array:
            lists = known.chosen(known.features(dataset, marks), evidence)
            return np.array([(best - max(theirs[each] for each in five)) / (best - worst) for five in lists])

        return cls(
            subject=subject,
            estimators=[str(each.parameters[ESTIMATOR]) for each in known.space],
            theirs=1 - np.array([theirs[each.id] for each in known.space]),
            ours=1 - np.array([ours[each.id] for each in known.space]),
            regret={"theirs": regret(None), "ours": regret(ours), "ours_on_the_training_split": regret(quick)},
            landmarkers={str(e.parameters[ESTIMATOR]): theirs[e.id] - ours[e.id] for e in LANDMARKERS[TASK]},
            seconds=(known.seconds(dataset), sum(seconds.values())),
        )

    @property
    def difference(self) -> Array:
        """Of errors, by configuration."""
        return self.ours - self.theirs

    @property
    def correlation(self) -> float:
        """Of ranks."""
        return float(spearmanr(self.ours, self.theirs).statistic)

    @property
    def in_words(self) -> str:
        """A line for whoever waits."""
        gained = float((self.regret["ours"] - self.regret["theirs"]).mean())
        off = float(np.median(np.abs(self.difference)))
        return f"{self.subject.name}: off by {off:.4f}, ranks {self.correlation:.3f}, regret {gained:+.4f}"

    @property
    def entry(self) -> dict[str, Any]:
        """For the report."""
        apart = np.abs(self.difference)
        return {
            "name": self.subject.name,
            "source": self.subject.source,
            "difference": round(float(self.difference.mean()), 4),
            "absolute_median": round(float(np.median(apart)), 4),
            "absolute_p90": round(float(np.quantile(apart, 0.9)), 4),
            "rank_correlation": round(self.correlation, 4),
            "landmarkers": {name: round(value, 4) for name, value in self.landmarkers.items()},
            "regret": {name: round(float(each.mean()), 4) for name, each in self.regret.items()},
            "seconds": {"theirs": round(self.seconds[0], 1), "ours": round(self.seconds[1], 1)},
        }


def report(compared: Sequence[Compared]) -> dict[str, Any]:
    """All figures of one dataset or more; intervals are over datasets."""
    differences = np.array([each.difference for each in compared])
    kinds = np.array(compared[0].estimators)
    regret = {name: np.array([each.regret[name].mean() for each in compared]) for name in compared[0].regret}
    return {
        "all": {
            "datasets": len(compared),
            "configurations": differences.shape[1],
            "absolute_median": round(float(np.median(np.abs(differences))), 4),
            "rank_correlation": interval(np.array([each.correlation for each in compared])),
            "regret": {name: interval(each) for name, each in regret.items()},
            "regret_less_the_tables": {
                name: interval(each - regret["theirs"]) for name, each in regret.items() if name != "theirs"
            },
        },
        "by_estimator": {
            kind: {
                "difference": round(float(differences[:, kinds == kind].mean()), 4),
                "absolute_median": round(float(np.median(np.abs(differences[:, kinds == kind]))), 4),
            }
            for kind in sorted(set(kinds.tolist()))
        },
        "datasets": {str(each.subject.openml): each.entry for each in compared},
    }
