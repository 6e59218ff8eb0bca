"""What is known: scores of configurations on datasets, as they come, ragged and not always sound. Read by `choose`.

Scores compare within one dataset and protocol only, so a row is a revision under a protocol. Higher is better; a
metric where lower is better comes in negated.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from noria.contract import Configuration, Metric
from noria_trainers.experience.result import Failure, Result

LANDMARKER = "landmarker:"
"""Begins the name of a meta-feature that is the quick score of a configuration; its id follows."""
_AT_MOST_ONE = (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1, Metric.ROC_AUC)
_BOUNDS = {
    **dict.fromkeys(_AT_MOST_ONE, (0.0, 1.0)),
    Metric.R2: (-math.inf, 1.0),
    **dict.fromkeys((Metric.LOG_LOSS, Metric.RMSE, Metric.MAE), (-math.inf, 0.0)),
}

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
        """Evidence by one metric, or by one that stands in for it. Results with neither are passed over."""
        found = cls(bounds=_BOUNDS[metric])
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
        columns = {configuration.id: number for number, configuration in enumerate(space)}
        cells, set_aside = self._cells(columns)
        ids = sorted({dataset for dataset, _ in cells})
        rows = {dataset: number for number, dataset in enumerate(ids)}
        scores = np.full((len(rows), len(columns)), np.nan)
        failed = np.zeros_like(scores, dtype=bool)
        for (dataset, column), values in cells.items():
            known = sorted(value for value in values if value is not None)
            scores[rows[dataset], column] = sum(known) / len(known) if known else np.nan
            failed[rows[dataset], column] = not known
        worst = np.min(np.nan_to_num(scores, nan=np.inf), axis=1, initial=np.inf)
        scores = np.where(failed & np.isfinite(worst)[:, None], worst[:, None], scores)
        compared = np.isfinite(scores).sum(axis=1) >= 2
        if alone := sum(len(cells[key]) for key in cells if not compared[rows[key[0]]]):
            set_aside["alone"] = alone
        kept = tuple(dataset for dataset, is_kept in zip(ids, compared, strict=True) if is_kept)
        return Grid(kept, scores[compared], dict(sorted(set_aside.items())))

    def _cells(self, columns: Mapping[str, int]) -> tuple[dict[tuple[str, int], list[float | None]], Counter[str]]:
        """Sound scores by dataset and column, and why the others are not."""
        cells: dict[tuple[str, int], list[float | None]] = {}
        set_aside: Counter[str] = Counter()
        column_of: dict[int, int | None] = {}  # an id takes a digest: once for each object
        for dataset, configuration, score in self.observations:
            if id(configuration) not in column_of:
                column_of[id(configuration)] = columns.get(configuration.id)
            column = column_of[id(configuration)]
            if column is None:
                set_aside["not in the space"] += 1
            elif score is not None and not self._is_sound(score):
                set_aside["no sound score"] += 1
            else:
                cells.setdefault((dataset, column), []).append(score)
        return cells, set_aside

    def _is_sound(self, score: float) -> bool:
        low, high = self.bounds
        return math.isfinite(score) and low <= score <= high


def _observed(result: Result, metric: Metric) -> list[Observation]:
    dataset = f"{result.revision}/{result.protocol.id}"
    if result.failure in (Failure.OUT_OF_MEMORY, Failure.DEADLINE_EXCEEDED, Failure.CRASHED):
        return [Observation(dataset, result.configuration, None)]
    values = {score.metric: score.value for score in result.scores}
    if metric in values:
        sign = 1 if metric.higher_is_better else -1
        return [Observation(dataset, result.configuration, sign * values[metric])]
    found = next((each for each in STAND_INS.get(metric, ()) if each in values), None)
    return [Observation(f"{dataset}/{found}", result.configuration, values[found])] if found else []
