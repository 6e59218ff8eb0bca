"""The interface of a target, and which target a task has."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task
from noria_trainers.profile.finding import Findings
from noria_trainers.target.label import Labels
from noria_trainers.target.probability import Tempering
from noria_trainers.target.resample import Floats, Resampling, Scores
from noria_trainers.target.shown import Shown

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class CardText:
    """What a model card says about predictions of this target."""

    baseline: str
    """What the baseline predicts, to complete `The baseline always predicts ...`."""
    answer: str
    """What each prediction is, as a sentence."""
    limits: tuple[str, ...] = ()
    """Sentences on the model's limits."""


class Head(Protocol):
    """What a network's raw outputs mean, and how wrong they are."""

    def loss(self, labels: "tf.Tensor", outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Mean over a batch of labels [b] or [b, k] and float32 outputs [b, k].

        Rows that are not `valid` [b] do not count.
        """

    def predictions(self, outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Predictions [b, k] from outputs [b, k]; the same for all rows that are not `valid` [b]."""


class Target(Protocol):
    """What is asked of an example: how it is labelled, learned, scored, served and described.

    The profile reads labels from the target column:

        target = target_of(order.task)
        labels = target.labels(findings, name, rows[name])

    A trial trains a network with as many outputs as the target needs, and serves its answers:

        network = design(target.outputs(len(classes)))
        head = target.head(metric, training_labels, len(classes), smoothing=0.0)
        loss = head.loss(batch_labels, network(features), None)
        served = target.answer(head.predictions(network(features), None), tf.constant(classes))

    The conclusion scores the answers to the hold-out and resamples it for an interval:

        found = target.scores(labels, predictions, len(classes))
        (drawn,) = target.resampled(Resampling(rng), labels, [predictions], len(classes))
        low, high = np.quantile(drawn[metric], (0.025, 0.975))

    A further target is a module of this package, named by a member of `noria.contract.Target`, with its implementation
    as TARGET. Where it needs nothing of its own it takes what is general: `resample.by_scores`,
    `probability.UNTEMPERED`, `mean_label`, and an empty `Shown`.
    """

    @property
    def score_output(self) -> str:
        """Name of the served output that is scored and averaged in ensembles."""

    @property
    def tempering(self) -> Tempering:
        """What an ensemble does to its members' answers before it takes their mean."""

    @property
    def card_text(self) -> CardText:
        """What the model card says about the predictions."""

    def labels(self, findings: Findings, name: str, raw: pa.ChunkedArray) -> Labels | None:
        """The labels in the column `name`; none, and an error, where they cannot be what the target needs."""

    def outputs(self, classes: int) -> int:
        """How many numbers a network answers with for each example."""

    def head(self, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> Head:
        """For training labels [n] or [n, k] and the metric by which the trial is judged."""

    def scores(self, labels: NDArray[np.generic], predictions: Floats, classes: int) -> Mapping[Metric, float]:
        """Every metric of labels [n] or [n, k] and predictions [n, k]; targets of one output also take [n]."""

    def resampled(
        self, resampling: Resampling, labels: NDArray[np.generic], predictions: Sequence[Floats], classes: int
    ) -> Sequence[Scores]:
        """Scores of each of the predictions [n, k] on the same resamples of the examples."""

    def answer(self, predictions: "tf.Tensor", classes: "tf.Tensor") -> "dict[str, tf.Tensor]":
        """Served outputs by name, from predictions [b, k] and the classes' names [classes]."""

    def baseline(self, counts: NDArray[np.int64], labels: Callable[[], NDArray[np.generic]]) -> Floats:
        """The one answer that the training labels alone suggest, which broadcasts to [n, k].

        `counts` [classes] are examples by class, empty where there are no classes; `labels` reads them, [n] or [n, k].
        """

    def shown(self, labels: NDArray[np.generic], predictions: NDArray[np.floating], classes: Sequence[str]) -> Shown:
        """What the model did to the hold-out, as far as it can be shown; labels [n] or [n, k], predictions [n, k]."""


def target_of(task: Task) -> Target:
    """What is asked of the task's examples."""
    found: Target = importlib.import_module(f"noria_trainers.target.{TASKS[task].target}").TARGET
    return found


def mean_label(labels: NDArray[np.generic]) -> Floats:
    """The mean of labels [n] or [n, k]: a baseline, [] or [k]."""
    return np.asarray(labels.mean(axis=0), np.float64)
