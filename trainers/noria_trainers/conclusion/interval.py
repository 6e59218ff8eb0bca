"""95 % intervals of all metrics by the percentile bootstrap, also of a paired difference.

Each target resamples as it can do it fastest; all agree with `metrics.score` on each resample (tested). Resamples of
examples that were all answered rightly never differ, so no interval of a score is narrower than what so many examples
cannot show: Wilson's bound of a share that was never seen, as `proof.gain` has it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task
from noria_trainers.metrics import score
from noria_trainers.target.resample import Floats, Resampling, Scores, unseen
from noria_trainers.target.target import target_of

QUANTILES = (0.025, 0.975)
_NO_WIDTH = 1e-12


class Interval(NamedTuple):
    """Bounds of a score."""

    low: float
    high: float


def intervals(
    task: Task,
    labels: NDArray[np.generic],
    predictions: NDArray[np.floating],
    *,
    baseline: Mapping[Metric, float],
    class_count: int,
    seed: int,
) -> dict[Metric, Interval]:
    """Bounds for every metric of the task, from labels [n] or [n, k] and predictions [n, outputs].

    `baseline` has the scores of the same answer to every example.
    """
    (drawn,) = _resampled(task, labels, [predictions], class_count, seed)
    scores = score(task, labels, predictions, class_count)
    return {
        metric: _honest(metric, _interval(drawn[metric]), scores[metric], baseline[metric], _units(metric, labels))
        for metric in TASKS[task].metrics.all
    }


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


def _honest(metric: Metric, found: Interval, score: float, baseline: float, units: float) -> Interval:
    """The interval with room for what so many examples cannot show; of measures that are no shares only where it has no
    width.

    There examples that were not met may be answered as badly as by the baseline.
    """
    room = unseen(QUANTILES[0], units)
    if metric.counts_hits:
        return Interval(max(0.0, min(found.low, score - room)), min(1.0, max(found.high, score + room)))
    if not np.isclose(found.low, found.high, rtol=0, atol=_NO_WIDTH):
        return found
    edge = score + room * (baseline - score)
    return Interval(min(found.low, edge), max(found.high, edge))


def _units(metric: Metric, labels: NDArray[np.generic]) -> float:
    """By how many independent examples the metric is known: n, or fewer where rare classes weigh as much as others.

    Of k classes the mean of shares is known as by k² / sum(1 / count) examples; a ranking by its rarer class.
    """
    if labels.ndim > 1 or not (metric.is_even or metric is Metric.ROC_AUC):
        return len(labels)
    _, counts = np.unique(labels, return_counts=True)
    return float(len(counts) ** 2 / np.sum(1 / counts) if metric.is_even else counts.min())


def _resampled(
    task: Task, labels: NDArray[np.generic], predictions: Sequence[NDArray[np.floating]], classes: int, seed: int
) -> Sequence[Scores]:
    """Scores of each of the predictions, for the same labels, on the same resamples."""
    given = [np.asarray(each, np.float64) for each in predictions]
    return target_of(task).resampled(Resampling(np.random.default_rng(seed)), labels, given, classes)
