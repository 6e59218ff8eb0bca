"""95 % intervals of all metrics by the percentile bootstrap, also of a paired difference.

Each target resamples as it can do it fastest; all agree with `metrics.score` on each resample (tested).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task
from noria_trainers.target.resample import Floats, Resampling, Scores
from noria_trainers.target.target import target_of

QUANTILES = (0.025, 0.975)


class Interval(NamedTuple):
    """Bounds of a score."""

    low: float
    high: float


def intervals(
    task: Task, labels: NDArray[np.generic], predictions: NDArray[np.floating], *, class_count: int, seed: int
) -> dict[Metric, Interval]:
    """Bounds for every metric of the task, from labels [n] or [n, k] and predictions [n, outputs]."""
    (drawn,) = _resampled(task, labels, [predictions], class_count, seed)
    return {metric: _interval(drawn[metric]) for metric in TASKS[task].metrics.all}


def gain(
    task: Task,
    metric: Metric,
    labels: NDArray[np.generic],
    better: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    class_count: int,
    seed: int,
) -> Interval:
    """Bounds of how much better `better` is than `other`, both [n, outputs], by one metric on the same resamples."""
    one, two = (drawn[metric] for drawn in _resampled(task, labels, [better, other], class_count, seed))
    return _interval(one - two if metric.higher_is_better else two - one)


def _interval(drawn: Floats) -> Interval:
    return Interval(*map(float, np.quantile(drawn, QUANTILES)))


def _resampled(
    task: Task, labels: NDArray[np.generic], predictions: Sequence[NDArray[np.floating]], classes: int, seed: int
) -> Sequence[Scores]:
    """Scores of each of the predictions, for the same labels, on the same resamples."""
    given = [np.asarray(each, np.float64) for each in predictions]
    return target_of(task).resampled(Resampling(np.random.default_rng(seed)), labels, given, classes)
