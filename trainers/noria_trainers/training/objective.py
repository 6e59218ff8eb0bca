"""What a trial is to get right: a task's target, learned with a metric in view."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import Metric, Task
from noria_trainers.target.target import Head, target_of


@dataclass(frozen=True)
class Objective:
    """Loss and predictions of a task."""

    task: Task
    metric: Metric
    outputs: int
    """Of the network."""
    head: Head

    @classmethod
    def of(cls, task: Task, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> "Objective":
        """For training labels [n] or [n, k]."""
        target = target_of(task)
        return cls(task, metric, target.outputs(classes), target.head(metric, labels, classes, smoothing))

    def loss(self, labels: tf.Tensor, outputs: tf.Tensor, valid: tf.Tensor | None = None) -> tf.Tensor:
        """Mean over the batch of labels [b] or [b, k] and outputs [b, k].

        Rows that are not `valid` [b] do not count.
        """
        return self.head.loss(labels, tf.cast(outputs, tf.float32), valid)

    def predictions(self, outputs: tf.Tensor, valid: tf.Tensor | None = None) -> tf.Tensor:
        """Predictions, float32 [b, k], from outputs [b, k]; the same for all rows that are not `valid` [b]."""
        return self.head.predictions(tf.cast(outputs, tf.float32), valid)
