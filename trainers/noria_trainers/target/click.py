"""Whether an example is clicked: one probability."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers.lazy import Lazy
from noria_trainers.profile.finding import Findings
from noria_trainers.target import resample
from noria_trainers.target.calibration import Calibration
from noria_trainers.target.label import Labels, class_labels
from noria_trainers.target.probability import SIGMOID, log_losses
from noria_trainers.target.resample import Counts, Floats, Resampling, Scores
from noria_trainers.target.shown import Miss, Misses, Shown, worst
from noria_trainers.target.target import CardText, Target
from noria_trainers.wording import listed

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

CLICKS = {"0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1, "f": 0, "t": 1, "n": 0, "y": 1, "0.0": 0, "1.0": 1}
"""What people write for a click and for none."""
_EVEN = 0.5


class ClickHead:
    """One output: the logit of a click."""

    def loss(self, labels: "tf.Tensor", outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Mean cross entropy of labels 0 and 1, [b]."""
        clicked = tf.cast(labels, tf.float32)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(clicked, outputs[:, 0]))

    def predictions(self, outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Probabilities [b, 1]; one half where not valid."""
        if valid is not None:
            outputs = tf.where(valid[:, tf.newaxis], outputs, 0.0)
        return tf.sigmoid(outputs)


class Click:
    """Labels [n] are 0 or 1, predictions [n] or [n, 1] the probability of 1."""

    score_output = "scores"
    tempering = SIGMOID
    card_text = CardText(
        baseline="the click rate of the training examples",
        answer="Each prediction is the probability of a click.",
    )

    def labels(self, findings: Findings, name: str, raw: pa.ChunkedArray) -> Labels | None:
        """Two values that mean a click and none."""
        found = class_labels(raw)
        others = [each for each in found.classes if each.lower() not in CLICKS]
        if others:
            message = f"column {name} must contain 0 or 1 (or false, true, no, yes), but contains {listed(others)}"
            findings.error("NotBinary", f"{message}: correct it, or use task TabularClassification", others)
            return None
        meaning = np.asarray([CLICKS[each.lower()] for each in found.classes], np.int64)
        seen = sorted(set(meaning.tolist()))
        if len(seen) == 1:
            return Labels(np.zeros(len(found.kept), np.int64), (str(seen[0]),), found.kept, found.missing)
        return Labels(meaning[found.values] if len(meaning) else found.values, ("0", "1"), found.kept, found.missing)

    def outputs(self, classes: int) -> int:
        """One."""
        return 1

    def head(self, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> ClickHead:
        """The same for all metrics."""
        return ClickHead()

    def scores(self, labels: NDArray[np.generic], predictions: Floats, classes: int) -> dict[Metric, float]:
        """Area under the ROC curve, and log loss in nats."""
        truth, probability = np.asarray(labels, np.int64), predictions.reshape(len(labels))
        return {
            Metric.ROC_AUC: _roc_auc(truth, probability),
            Metric.LOG_LOSS: float(log_losses(np.where(truth == 1, probability, 1 - probability)).mean()),
        }

    def resampled(
        self, resampling: Resampling, labels: NDArray[np.generic], predictions: Sequence[Floats], classes: int
    ) -> list[Scores]:
        """Areas from how often each example was drawn, losses from means."""
        truth, given = np.asarray(labels, np.int64), [each.reshape(-1) for each in predictions]
        ranked = [_ranked(each) for each in given]
        areas = [
            [_areas(drawn[:, order], truth[order] == 1, starts) for order, starts in ranked]
            for drawn in resampling.counts(len(truth))
        ]
        losses = np.stack([log_losses(np.where(truth == 1, each, 1 - each)) for each in given], 1)
        drawn_losses = resample.means(resampling, losses)
        return [
            {Metric.ROC_AUC: np.concatenate(blocks), Metric.LOG_LOSS: loss}
            for blocks, loss in zip(zip(*areas, strict=True), drawn_losses.T, strict=True)
        ]

    def answer(self, predictions: "tf.Tensor", classes: "tf.Tensor") -> "dict[str, tf.Tensor]":
        """`scores` float32 [b, 1]: the probability of a click."""
        return {self.score_output: predictions}

    def baseline(self, counts: NDArray[np.int64], labels: Callable[[], NDArray[np.generic]]) -> Floats:
        """The click rate, [1]."""
        return np.asarray(counts / counts.sum(), np.float64)[1:]

    def shown(self, labels: NDArray[np.generic], predictions: NDArray[np.floating], classes: Sequence[str]) -> Shown:
        """Whether as many were clicked as was predicted, and the clicks and the others that surprised most."""
        truth, probability = np.asarray(labels, np.int64), predictions.ravel()
        surprise = np.abs(truth - probability)
        rows = (
            Miss(int(place), (str(truth[place]), f"{probability[place]:.4f}"))
            for place in worst(surprise, surprise > _EVEN)
        )
        return Shown(
            calibration=Calibration.of("it is clicked", truth, probability),
            misses=Misses(
                "how far the probability is from what happened", ("clicked", "probability of a click"), tuple(rows)
            ),
        )


def _roc_auc(labels: Counts, probability: Floats) -> float:
    """Mann-Whitney's U over its largest value, ties counted half; 0.5 where there is only one class. Both [n]."""
    positives = int((labels == 1).sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.5
    _, group, sizes = np.unique(probability, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(sizes) - (sizes - 1) / 2
    above = mean_rank[group][labels == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def _ranked(probability: Floats) -> tuple[Counts, Counts]:
    """The order of score [n], and where in it ties begin."""
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


TARGET: Target = Click()
