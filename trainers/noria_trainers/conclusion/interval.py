"""95 % intervals of all metrics by the percentile bootstrap, vectorised over resamples. Called by `conclusion.holdout`.

Metrics of hits and misses resample the cells of the confusion matrix, which is the same as resampling the examples and
needs no examples; the others draw examples in blocks. Agrees with `metrics.score` on each resample (tested).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noria.contract import METRICS, Metric, Task
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
    rng = np.random.default_rng(seed)
    if task is Task.TABULAR_REGRESSION:
        drawn = _regression(rng, np.asarray(labels, np.float64), np.asarray(predictions, np.float64).reshape(-1))
    elif task is Task.CLICK_THROUGH_RATE:
        drawn = _clicks(rng, np.asarray(labels, np.int64), np.asarray(predictions, np.float64).reshape(-1))
    else:
        drawn = _classification(rng, np.asarray(labels, np.int64), np.asarray(predictions, np.float64), class_count)
    return {metric: Interval(*map(float, np.quantile(drawn[metric], QUANTILES))) for metric in METRICS[task]}


def _classification(
    rng: np.random.Generator, labels: Counts, probabilities: Floats, classes: int
) -> dict[Metric, Floats]:
    cells, counts = np.unique(labels * classes + probabilities.argmax(axis=1), return_counts=True)
    truth, guess = cells // classes, cells % classes
    blocks = [
        _of_confusion(rng.multinomial(len(labels), counts / len(labels), size), truth, guess, classes)
        for size in _blocks(len(cells), _resamples(len(labels)))
    ]
    log_losses = _log_losses(probabilities[np.arange(len(labels)), labels])
    return {
        **{metric: np.concatenate([block[metric] for block in blocks]) for metric in blocks[0]},
        Metric.LOG_LOSS: _means(rng, log_losses[:, None])[:, 0],
    }


def _of_confusion(drawn: Counts, truth: Counts, guess: Counts, classes: int) -> dict[Metric, Floats]:
    """Metrics of resamples [n, cells] that drew each (truth, guess) cell so often."""
    hit = truth == guess
    truths, guesses = _per_class(drawn, truth, classes), _per_class(drawn, guess, classes)
    hits = np.zeros_like(truths)
    hits[:, truth[hit]] = drawn[:, hit]
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


def _clicks(rng: np.random.Generator, labels: Counts, probability: Floats) -> dict[Metric, Floats]:
    order = np.argsort(probability, kind="stable")
    _, starts = np.unique(probability[order], return_index=True)
    positive = labels[order] == 1
    areas = [_areas(drawn, positive, starts) for drawn in _drawn_counts(rng, len(labels))]
    log_losses = _log_losses(np.where(labels == 1, probability, 1 - probability))
    return {Metric.ROC_AUC: np.concatenate(areas), Metric.LOG_LOSS: _means(rng, log_losses[:, None])[:, 0]}


def _areas(drawn: Counts, positive: NDArray[np.bool_], starts: Counts) -> Floats:
    """Mann-Whitney's U of each resample; `drawn` [n, examples] in the order of score, ties begin at `starts`."""
    ups = np.add.reduceat(drawn * positive, starts, axis=1)
    downs = np.add.reduceat(drawn * ~positive, starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs / 2
    pairs = ups.sum(axis=1) * downs.sum(axis=1)
    areas: Floats = np.divide((ups * below).sum(axis=1), pairs, out=np.full(len(drawn), 0.5), where=pairs > 0)
    return areas


def _regression(rng: np.random.Generator, labels: Floats, values: Floats) -> dict[Metric, Floats]:
    error, centred = labels - values, labels - labels.mean()
    square, distance, first, second = _means(rng, np.stack([error**2, np.abs(error), centred, centred**2], axis=1)).T
    spread = np.maximum(second - first**2, 0)
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
