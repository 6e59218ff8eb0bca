"""95 % intervals of all metrics by the percentile bootstrap, vectorised over resamples, also of a paired difference.

Metrics of hits and misses resample the cells of the confusion matrix, which is the same as resampling the examples and
needs no examples; the others draw examples in blocks. Agrees with `metrics.score` on each resample (tested). Called by
`conclusion.holdout` and `conclusion.ensemble`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task
from noria_trainers.metrics import SMALLEST_PROBABILITY

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
_DRAWS = 200_000_000
"""Draws in all: above 200,000 examples there are fewer resamples."""
_BLOCK = 4_000_000
"""Draws at a time, which bounds memory."""
QUANTILES = (0.025, 0.975)

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


class Interval(NamedTuple):
    """Bounds of a score."""

    low: float
    high: float


def intervals(
    task: Task, labels: NDArray[np.generic], predictions: NDArray[np.floating], *, class_count: int, seed: int
) -> dict[Metric, Interval]:
    """Bounds for every metric of the task; arrays as in `metrics.score`."""
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
    """Bounds of how much better `better` is than `other` by one metric, both scored on the same resamples."""
    one, two = (drawn[metric] for drawn in _resampled(task, labels, [better, other], class_count, seed))
    return _interval(one - two if metric.higher_is_better else two - one)


def _interval(drawn: Floats) -> Interval:
    return Interval(*map(float, np.quantile(drawn, QUANTILES)))


def _resampled(
    task: Task, labels: NDArray[np.generic], predictions: Sequence[NDArray[np.floating]], classes: int, seed: int
) -> list[dict[Metric, Floats]]:
    """Scores of each of the predictions, for the same labels, on the same resamples."""
    rng = np.random.default_rng(seed)
    given = [np.asarray(each, np.float64) for each in predictions]
    if task is Task.TABULAR_REGRESSION:
        return _regression(rng, np.asarray(labels, np.float64), [each.reshape(-1) for each in given])
    if task is Task.CLICK_THROUGH_RATE:
        return _clicks(rng, np.asarray(labels, np.int64), [each.reshape(-1) for each in given])
    return _classification(rng, np.asarray(labels, np.int64), given, classes)


def _classification(
    rng: np.random.Generator, labels: Counts, probabilities: Sequence[Floats], classes: int
) -> list[dict[Metric, Floats]]:
    """Draws cells: examples with the same truth and the same guess of each are alike."""
    answers = (labels, *(each.argmax(axis=1) for each in probabilities))
    shape = (classes,) * len(answers)
    cells, counts = np.unique(np.ravel_multi_index(answers, shape), return_counts=True)
    truth, *guesses = np.unravel_index(cells, shape)
    found: list[list[dict[Metric, Floats]]] = [[] for _ in probabilities]
    for size in _blocks(len(counts), _resamples(len(labels))):
        drawn = rng.multinomial(len(labels), counts / len(labels), size)
        for blocks, guess in zip(found, guesses, strict=True):
            blocks.append(_of_confusion(drawn, truth, guess, classes))
    log_losses = _means(rng, np.stack([_log_losses(each[np.arange(len(labels)), labels]) for each in probabilities], 1))
    return [
        {metric: np.concatenate([block[metric] for block in blocks]) for metric in blocks[0]} | {Metric.LOG_LOSS: loss}
        for blocks, loss in zip(found, log_losses.T, strict=True)
    ]


def _of_confusion(drawn: Counts, truth: Counts, guess: Counts, classes: int) -> dict[Metric, Floats]:
    """Metrics of resamples [n, cells] that drew each cell, of a truth and a guess, so often."""
    truths, guesses = _per_class(drawn, truth, classes), _per_class(drawn, guess, classes)
    hits = _per_class(drawn * (truth == guess), truth, classes)
    return {
        Metric.ACCURACY: hits.sum(axis=1) / drawn.sum(axis=1),
        Metric.BALANCED_ACCURACY: _mean_ratio(hits, truths),
        Metric.MACRO_F1: _mean_ratio(2 * hits, truths + guesses),
    }


def _per_class(drawn: Counts, class_of_cell: Counts, classes: int) -> Counts:
    order = np.argsort(class_of_cell, kind="stable")
    present, starts = np.unique(class_of_cell[order], return_index=True)
    sums = np.zeros((len(drawn), classes), np.int64)
    sums[:, present] = np.add.reduceat(drawn[:, order], starts, axis=1)
    return sums


def _mean_ratio(parts: Counts, wholes: Counts) -> Floats:
    """Mean of part/whole over the classes that a resample has."""
    ratios = np.divide(parts, wholes, out=np.zeros(parts.shape), where=wholes > 0)
    means: Floats = ratios.sum(axis=1) / (wholes > 0).sum(axis=1)
    return means


def _clicks(rng: np.random.Generator, labels: Counts, probabilities: Sequence[Floats]) -> list[dict[Metric, Floats]]:
    ranked = [_ranked(each) for each in probabilities]
    areas = [
        [_areas(drawn[:, order], labels[order] == 1, starts) for order, starts in ranked]
        for drawn in _drawn_counts(rng, len(labels))
    ]
    log_losses = _means(
        rng, np.stack([_log_losses(np.where(labels == 1, each, 1 - each)) for each in probabilities], 1)
    )
    return [
        {Metric.ROC_AUC: np.concatenate(blocks), Metric.LOG_LOSS: loss}
        for blocks, loss in zip(zip(*areas, strict=True), log_losses.T, strict=True)
    ]


def _ranked(probability: Floats) -> tuple[Counts, Counts]:
    """The order of score, and where in it ties begin."""
    order = np.argsort(probability, kind="stable")
    return order, np.unique(probability[order], return_index=True)[1]


def _areas(drawn: Counts, positive: NDArray[np.bool_], starts: Counts) -> Floats:
    """Mann-Whitney's U of each resample; `drawn` [n, examples] in the order of score, ties begin at `starts`."""
    ups = np.add.reduceat(drawn * positive, starts, axis=1)
    downs = np.add.reduceat(drawn * ~positive, starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs / 2
    pairs = ups.sum(axis=1) * downs.sum(axis=1)
    areas: Floats = np.divide((ups * below).sum(axis=1), pairs, out=np.full(len(drawn), 0.5), where=pairs > 0)
    return areas


def _regression(rng: np.random.Generator, labels: Floats, values: Sequence[Floats]) -> list[dict[Metric, Floats]]:
    errors, centred = labels - np.stack(values), labels - labels.mean()
    columns = np.concatenate([errors**2, np.abs(errors), [centred, centred**2]]).T
    *means, first, second = _means(rng, columns).T
    spread = np.maximum(second - first**2, 0)
    return [
        _of_errors(square, distance, spread)
        for square, distance in zip(means[: len(values)], means[len(values) :], strict=True)
    ]


def _of_errors(square: Floats, distance: Floats, spread: Floats) -> dict[Metric, Floats]:
    explained = 1 - np.divide(square, spread, out=np.zeros_like(square), where=spread > 0)
    return {
        Metric.R2: np.where(spread > 0, explained, square == 0),
        Metric.RMSE: np.sqrt(square),
        Metric.MAE: distance,
    }


def _means(rng: np.random.Generator, values: Floats) -> Floats:
    """Column means [resamples, k] of resampled rows of `values` [n, k]."""
    return np.concatenate([values[drawn].mean(axis=1) for drawn in _draws(rng, len(values), values.shape[1])])


def _drawn_counts(rng: np.random.Generator, examples: int) -> Iterator[Counts]:
    for drawn in _draws(rng, examples):
        offset = np.arange(len(drawn))[:, None] * examples
        yield np.bincount((drawn + offset).ravel(), minlength=drawn.size).reshape(drawn.shape)


def _draws(rng: np.random.Generator, examples: int, width: int = 1) -> Iterator[Counts]:
    for size in _blocks(examples * width, _resamples(examples)):
        yield rng.integers(0, examples, (size, examples))


def _blocks(width: int, resamples: int) -> list[int]:
    size = max(1, min(resamples, _BLOCK // width))
    whole, rest = divmod(resamples, size)
    return [size] * whole + [rest] * (rest > 0)


def _resamples(examples: int) -> int:
    return max(FEWEST_RESAMPLES, min(RESAMPLES, _DRAWS // examples))


def _log_losses(probability_of_truth: Floats) -> Floats:
    return -np.log(np.clip(probability_of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
