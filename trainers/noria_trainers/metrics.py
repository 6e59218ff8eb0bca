"""Every metric of a task from labels and predictions, in plain numpy: a bootstrap calls it thousands of times.

Called by the training loop (validation), by the conclude step (hold-out and its interval) and by baselines in tests.
"""

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task

SMALLEST_PROBABILITY = 1e-7
"""Probabilities are clipped to this distance from 0 and 1 before a logarithm is taken."""


def score(
    task: Task, labels: NDArray[np.generic], predictions: NDArray[np.floating], class_count: int = 0
) -> dict[Metric, float]:
    """Every metric that the task allows.

    `labels` [n]: class indices, click 0/1, or values. `predictions`: probabilities [n, classes] for classification,
    probability of a click [n] or [n, 1], values [n] or [n, 1] for regression.
    """
    if task is Task.TABULAR_REGRESSION:
        found = _regression(np.asarray(labels, np.float64), np.asarray(predictions, np.float64).reshape(len(labels)))
    elif task is Task.CLICK_THROUGH_RATE:
        found = _clicks(np.asarray(labels, np.int64), np.asarray(predictions, np.float64).reshape(len(labels)))
    else:
        probabilities = np.asarray(predictions, np.float64)
        found = _classification(np.asarray(labels, np.int64), probabilities, class_count or probabilities.shape[1])
    return {metric: found[metric] for metric in TASKS[task].metrics.all}


def confusion(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> NDArray[np.int64]:
    """How often class `row` was taken for class `column`, [class_count, class_count]."""
    counts = np.bincount(labels * class_count + predicted, minlength=class_count * class_count)
    return counts.reshape(class_count, class_count)


def _classification(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], class_count: int
) -> dict[Metric, float]:
    table = confusion(labels, probabilities.argmax(axis=1), class_count)
    hits, truths, guesses = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    seen, used = truths > 0, truths + guesses > 0
    return {
        Metric.ACCURACY: float(hits.sum() / len(labels)),
        Metric.BALANCED_ACCURACY: float((hits[seen] / truths[seen]).mean()),
        Metric.MACRO_F1: float((2 * hits[used] / (truths + guesses)[used]).mean()),
        Metric.LOG_LOSS: _log_loss(probabilities[np.arange(len(labels)), labels]),
    }


def _clicks(labels: NDArray[np.int64], probability: NDArray[np.float64]) -> dict[Metric, float]:
    return {
        Metric.ROC_AUC: _roc_auc(labels, probability),
        Metric.LOG_LOSS: _log_loss(np.where(labels == 1, probability, 1 - probability)),
    }


def _regression(labels: NDArray[np.float64], values: NDArray[np.float64]) -> dict[Metric, float]:
    """R² of labels that are all equal is 1 for a perfect and 0 for any other prediction, as in scikit-learn."""
    squares = float(np.square(labels - values).sum())
    spread = float(np.square(labels - labels.mean()).sum())
    return {
        Metric.R2: 1 - squares / spread if spread else float(squares == 0),
        Metric.RMSE: float(np.sqrt(squares / len(labels))),
        Metric.MAE: float(np.abs(labels - values).mean()),
    }


def _log_loss(probability_of_truth: NDArray[np.float64]) -> float:
    return float(-np.log(np.clip(probability_of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)).mean())


def _roc_auc(labels: NDArray[np.int64], probability: NDArray[np.float64]) -> float:
    """Mann-Whitney's U over its largest value, ties counted half; 0.5 where there is only one class."""
    positives = int((labels == 1).sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.5
    _, group, sizes = np.unique(probability, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(sizes) - (sizes - 1) / 2
    above = mean_rank[group][labels == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))
