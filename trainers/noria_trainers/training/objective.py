"""What a network's raw outputs mean, and how wrong they are. Used by the loop and by the export."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import Metric, Task

HEAVIEST = 20.0
"""A class counts at most so many times as much as on average."""
_EVEN = (Metric.BALANCED_ACCURACY, Metric.MACRO_F1)
"""Metrics for which every class counts the same, however rare."""


@dataclass(frozen=True)
class Objective:
    """Loss and predictions of a task."""

    task: Task
    metric: Metric
    outputs: int
    """Of the network."""
    class_weights: NDArray[np.float32]
    """Empty: all ones."""
    centre: float = 0.0
    scale: float = 1.0
    """Of the values of a regression: networks answer in the scale where they have mean 0 and deviation 1."""
    smoothing: float = 0.0

    @classmethod
    def of(cls, task: Task, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> "Objective":
        """For training labels [n]. Classes weigh the more the rarer they are, where the metric counts them evenly."""
        if task is Task.TABULAR_REGRESSION:
            return cls(task, metric, 1, np.empty(0, np.float32), float(labels.mean()), float(labels.std()) or 1.0)
        outputs = 1 if task is Task.CLICK_THROUGH_RATE else classes
        weights = _balanced(labels, classes) if metric in _EVEN else np.empty(0, np.float32)
        return cls(task, metric, outputs, weights, smoothing=smoothing)

    def loss(self, labels: tf.Tensor, outputs: tf.Tensor, valid: tf.Tensor | None = None) -> tf.Tensor:
        """Mean over the batch: cross entropy, or squared error (absolute where that is the metric).

        Rows that are not `valid` count nothing.
        """
        outputs = tf.cast(outputs, tf.float32)
        if self.task is Task.TABULAR_REGRESSION:
            error = (tf.cast(labels, tf.float32) - self.centre) / self.scale - outputs[:, 0]
            return tf.reduce_mean(tf.abs(error) if self.metric is Metric.MAE else tf.square(error))
        if self.task is Task.CLICK_THROUGH_RATE:
            clicked = tf.cast(labels, tf.float32)
            return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(clicked, outputs[:, 0]))
        truth = tf.one_hot(labels, self.outputs) * (1 - self.smoothing) + self.smoothing / self.outputs
        wrong = tf.nn.softmax_cross_entropy_with_logits(truth, outputs)
        if len(self.class_weights):
            wrong *= tf.gather(self.class_weights, labels)
        if valid is not None:
            wrong *= tf.cast(valid, tf.float32)
        return tf.reduce_mean(wrong)

    def predictions(self, outputs: tf.Tensor, valid: tf.Tensor | None = None) -> tf.Tensor:
        """Probabilities [b, classes], of a click [b, 1], or values [b, 1]; the same for all classes if not `valid`."""
        outputs = tf.cast(outputs, tf.float32)
        if self.task is Task.TABULAR_REGRESSION:
            return outputs * self.scale + self.centre
        if valid is not None:
            outputs = tf.where(valid[:, tf.newaxis], outputs, 0.0)
        return tf.sigmoid(outputs) if self.task is Task.CLICK_THROUGH_RATE else tf.nn.softmax(outputs)


def _balanced(labels: NDArray[np.generic], classes: int) -> NDArray[np.float32]:
    """Inverse frequencies with mean 1 over the examples, bounded."""
    counts = np.bincount(np.asarray(labels, np.int64), minlength=classes)
    weights = np.minimum(len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)), HEAVIEST)
    return np.asarray(weights * len(labels) / (weights * counts).sum(), np.float32)
