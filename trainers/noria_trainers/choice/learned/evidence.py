"""What is known: scores of configurations on datasets, as they come, ragged and not always sound.

Scores compare within one dataset and protocol only, so a row is a revision under a protocol. Higher is better; a
metric where lower is better comes in negated.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from noria.contract import Configuration, FailureKind, Metric
from noria_trainers.experience.result import Result

LANDMARKER = "landmarker:"
"""Begins the name of a meta-feature that is the quick score of a configuration; its id follows."""
_AT_MOST_ONE = (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1, Metric.ROC_AUC)
_BOUNDS = {
    **dict.fromkeys(_AT_MOST_ONE, (0.0, 1.0)),
    Metric.R2: (-math.inf, 1.0),
    **dict.fromkeys((Metric.LOG_LOSS, Metric.RMSE, Metric.MAE), (-math.inf, 0.0)),
}
"""Of scores where higher is better; those of other metrics are not bounded."""
_UNBOUNDED = (-math.inf, math.inf)

STAND_INS = {
    Metric.ACCURACY: (Metric.BALANCED_ACCURACY, Metric.MACRO_F1),
    Metric.BALANCED_ACCURACY: (Metric.MACRO_F1, Metric.ACCURACY),
    Metric.MACRO_F1: (Metric.BALANCED_ACCURACY, Metric.ACCURACY),
}
"""What a dataset is compared by where nobody measured the metric there; the nearest first, all of one range."""


def landmarker(configuration: Configuration) -> str:
    """The meta-feature that holds this configuration's quick score."""
    return LANDMARKER + configuration.id


class Observation(NamedTuple):
    """One configuration's validation score on one dataset; none where the configuration itself failed there."""

    dataset: str
    configuration: Configuration
    score: float | None


@dataclass(frozen=True)
class Grid:
    """The sound part as a grid of datasets (sorted by id) and configurations; NaN where nothing is known."""

    datasets: tuple[str, ...]
    scores: NDArray[np.float64]
    set_aside: Mapping[str, int]
    """Observations left out, by the reason."""

    @property
    def results(self) -> int:
        """How many scores it holds."""
        return int(np.isfinite(self.scores).sum())


@dataclass(frozen=True)
class Evidence:
    """Observations, and the meta-features of the datasets that they are about."""

    observations: Sequence[Observation] = ()
    features: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    bounds: tuple[float, float] = (-math.inf, math.inf)
    """Scores outside are not believed."""

    @classmethod
    def of(cls, results: Iterable[Result], metric: Metric) -> Self:
        """Evidence by one metric, or by one that stands in for it. Results with neither are ignored."""
        found = cls(bounds=_BOUNDS.get(metric, _UNBOUNDED))
        observations, features = list[Observation](), dict[str, Mapping[str, float]]()
        for result in results:
            for observation in _observed(result, metric):
                observations.append(observation)
                features[observation.dataset] = result.meta_features
        return replace(found, observations=tuple(observations), features=features)

    def record(self, result: Result, metric: Metric) -> Self:
        """This evidence and one result more."""
        added = _observed(result, metric)
        about = {each.dataset: result.meta_features for each in added}
        return replace(self, observations=(*self.observations, *added), features={**self.features, **about})

    def grid(self, space: Sequence[Configuration]) -> Grid:
        """The observations of `space` that hold up; a dataset with a single one compares nothing and is left out."""
        ids = sorted({dataset for dataset, _, _ in self.observations})
        number = {dataset: row for row, dataset in enumerate(ids)}
        rows = np.array([number[dataset] for dataset, _, _ in self.observations], dtype=np.int64)
        columns, failed = self._columns(space), np.array([score is None for _, _, score in self.observations], bool)
        values = np.array([math.nan if score is None else score for _, _, score in self.observations], np.float64)
        low, high = self.bounds
        inside, sound = columns >= 0, np.isfinite(values) & (low <= values) & (values <= high)
        scores = _means(rows, columns, values, inside & sound, (len(ids), len(space)))
        worst = np.min(np.nan_to_num(scores, nan=np.inf), axis=1, initial=np.inf)
        unknown = failed & inside & np.isfinite(worst[rows])
        unknown[unknown] = np.isnan(scores[rows[unknown], columns[unknown]])
        scores[rows[unknown], columns[unknown]] = worst[rows[unknown]]
        compared = np.isfinite(scores).sum(axis=1) >= 2
        set_aside = {
            "alone on their dataset": int((inside & (sound | failed) & ~compared[rows]).sum()),
            "without a valid score": int((inside & ~sound & ~failed).sum()),
            "of configurations outside the space": int((~inside).sum()),
        }
        kept = tuple(dataset for dataset, is_kept in zip(ids, compared, strict=True) if is_kept)
        return Grid(kept, scores[compared], {why: count for why, count in set_aside.items() if count})

    def _columns(self, space: Sequence[Configuration]) -> NDArray[np.int64]:
        """Where in the space each observation's configuration is; -1 where it is not."""
        number = {configuration.id: column for column, configuration in enumerate(space)}
        apart = {id(configuration): configuration for _, configuration, _ in self.observations}
        column = {key: number.get(each.id, -1) for key, each in apart.items()}  # an id takes a digest: once per object
        return np.array([column[id(configuration)] for _, configuration, _ in self.observations], dtype=np.int64)


def _means(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    counted: NDArray[np.bool_],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """The mean of each cell's counted values, in whatever order they come; NaN where there is none."""
    cells, known = rows[counted] * shape[1] + columns[counted], values[counted]
    order = np.lexsort((known, cells))
    total, counts = (np.bincount(cells[order], each, shape[0] * shape[1]) for each in (known[order], None))
    means: NDArray[np.float64] = np.divide(total, counts, out=np.full(len(total), np.nan), where=counts > 0)
    return means.reshape(shape)


def _observed(result: Result, metric: Metric) -> list[Observation]:
    dataset = f"{result.revision}/{result.protocol.id}"
    if result.failure in (FailureKind.OUT_OF_MEMORY, FailureKind.DEADLINE_EXCEEDED, FailureKind.CRASHED):
        return [Observation(dataset, result.configuration, None)]
    values = {score.metric: score.value for score in result.scores}
    if metric in values:
        sign = 1 if metric.higher_is_better else -1
        return [Observation(dataset, result.configuration, sign * values[metric])]
    found = next((each for each in STAND_INS.get(metric, ()) if each in values), None)
    return [Observation(f"{dataset}/{found}", result.configuration, values[found])] if found else []
