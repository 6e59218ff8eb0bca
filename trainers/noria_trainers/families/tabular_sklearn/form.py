"""What an estimator is made of, whatever kind it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Numbers = Mapping[str, tf.Variable]


@dataclass(frozen=True)
class Form:
    """Arrays, and how the probabilities of the estimator's classes follow from them and from features."""

    arrays: Mapping[str, NDArray[np.generic]]
    answer: Callable[[Numbers, tf.Tensor], tf.Tensor]
    """From the arrays as variables and features [b, width] float64 to probabilities [b, classes] float64."""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for array in self.arrays.values())


def sigmoids(margins: tf.Tensor) -> tf.Tensor:
    """Probabilities of two classes from what speaks for the second, [b] or [b, 1]."""
    second = tf.sigmoid(tf.reshape(margins, [-1]))
    return tf.stack([1 - second, second], axis=1)
