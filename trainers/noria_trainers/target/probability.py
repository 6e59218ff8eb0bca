"""What targets share whose answers are probabilities: the log loss, and temperatures that make answers less sure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from noria_trainers.lazy import Lazy

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

SMALLEST_PROBABILITY = 1e-7
"""Probabilities are clipped to this distance from 0 and 1 before a logarithm is taken."""
TEMPERATURES = tuple(float(each) for each in np.geomspace(0.2, 10, 41))
"""Bounded, against a half of the examples that a member of an ensemble gets all right."""

Floats = NDArray[np.float64]


def log_losses(probability_of_truth: Floats) -> Floats:
    """The loss of each example in nats: [n], or [n, k], as the probabilities are."""
    return -np.log(np.clip(probability_of_truth, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))


def softened(probabilities: Floats, temperature: float) -> Floats:
    """Shares [..., k] made more even by a temperature above 1, sharper by one below."""
    logits = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


@dataclass(frozen=True)
class Tempering:
    """How an ensemble puts members that are too sure, or not sure enough, on one scale before their mean is taken.

    See Guo et al., On calibration of modern neural networks, 2017.
    """

    temperatures: tuple[float, ...]
    """From which each member's is taken: the one with the lowest log loss. None: answers are left as they are."""
    array: Callable[[Floats, float], Floats]
    """Predictions [n, k] at a temperature."""
    tensor: Callable[["tf.Tensor", float], "tf.Tensor"]
    """The same in a served graph, of the score output."""


def _softmax(scores: "tf.Tensor", temperature: float) -> "tf.Tensor":
    return tf.nn.softmax(_logits(scores, temperature))


def _each_softened(probabilities: Floats, temperature: float) -> Floats:
    return softened(np.stack([1 - probabilities, probabilities], axis=-1), temperature)[..., 1]


def _sigmoid(scores: "tf.Tensor", temperature: float) -> "tf.Tensor":
    return tf.sigmoid(_logits(scores, temperature) - _logits(1 - scores, temperature))


def _logits(probabilities: "tf.Tensor", temperature: float) -> "tf.Tensor":
    return tf.math.log(tf.maximum(probabilities, SMALLEST_PROBABILITY)) / temperature


SOFTMAX = Tempering(TEMPERATURES, softened, _softmax)
"""For shares [n, k] of which one is true."""
SIGMOID = Tempering(TEMPERATURES, _each_softened, _sigmoid)
"""For probabilities [n, k] that are true or not each by itself."""
UNTEMPERED = Tempering((), lambda predictions, _: predictions, lambda scores, _: scores)
"""For answers that are on one scale already, such as values."""
