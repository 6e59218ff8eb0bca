"""What a network answers to a split, and how good that is."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers import metrics
from noria_trainers.modality.encoded import EncodedExamples
from noria_trainers.modality.inputs import VALID
from noria_trainers.training.design import Network
from noria_trainers.training.objective import Objective


@dataclass(frozen=True)
class Judgement:
    """Predictions for a split, and what they are worth."""

    labels: NDArray[np.generic]
    predictions: NDArray[np.float32]
    loss: float
    """The objective's, mean over the examples."""
    scores: dict[Metric, float]


class Judge:
    """Judges one network, as it is at that moment."""

    def __init__(self, network: Network, objective: Objective) -> None:
        self._network, self._objective = network, objective

    def judge(self, examples: EncodedExamples) -> Judgement:
        """The network's predictions for all examples in their order."""
        parts = [(labels.numpy(), *self._answer(features, labels)) for features, labels in examples.in_order()]
        labels = np.concatenate([part[0] for part in parts])
        predictions = np.concatenate([part[1].numpy() for part in parts])
        loss = float(np.average([part[2] for part in parts], weights=[len(part[0]) for part in parts]))
        scores = metrics.score(self._objective.task, labels, predictions, self._objective.outputs)
        return Judgement(labels, predictions, loss, scores)

    @tf.function
    def _answer(self, features: dict[str, tf.Tensor], labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features = dict(features)
        valid = features.pop(VALID, None)
        outputs = self._network(features, training=False)
        return self._objective.predictions(outputs, valid), self._objective.loss(labels, outputs, valid)
