"""One of several classes for each example: a probability of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import Metric
from noria_trainers.data.column import numbers
from noria_trainers.lazy import Lazy
from noria_trainers.profile.finding import Findings
from noria_trainers.target import plot, resample
from noria_trainers.target.calibration import Calibration
from noria_trainers.target.label import Labels, class_labels
from noria_trainers.target.probability import SOFTMAX, log_losses
from noria_trainers.target.resample import Counts, Floats, Resampling, Scores
from noria_trainers.target.shown import Miss, Misses, Picture, Shown, class_scores, worst
from noria_trainers.target.target import CardText, Target

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

HEAVIEST = 20.0
"""A class weighs at most this many times the average."""
_CONFUSION = (
    "How often each true class, in rows, was taken for each class, in columns. The table of classes has the shares."
)


@dataclass(frozen=True)
class ClassesHead:
    """A logit for each class."""

    outputs: int
    class_weights: NDArray[np.float32]
    """Of each class, [classes]; empty: all ones."""
    smoothing: float
    """Of one-hot labels, evenly over the classes."""

    def loss(self, labels: "tf.Tensor", outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Mean cross entropy of class indices [b] and logits [b, classes]."""
        truth = tf.one_hot(labels, self.outputs) * (1 - self.smoothing) + self.smoothing / self.outputs
        wrong = tf.nn.softmax_cross_entropy_with_logits(truth, outputs)
        if len(self.class_weights):
            wrong *= tf.gather(self.class_weights, labels)
        if valid is not None:
            wrong *= tf.cast(valid, tf.float32)
        return tf.reduce_mean(wrong)

    def predictions(self, outputs: "tf.Tensor", valid: "tf.Tensor | None") -> "tf.Tensor":
        """Probabilities [b, classes]; equal ones where not valid."""
        if valid is not None:
            outputs = tf.where(valid[:, tf.newaxis], outputs, 0.0)
        return tf.nn.softmax(outputs)


class Classes:
    """Labels [n] are class indices, predictions [n, classes] probabilities."""

    score_output = "scores"
    tempering = SOFTMAX
    card_text = CardText(
        baseline="the most frequent class",
        answer="Each prediction has `scores`, one per class, and `classes`, the class names in the same order.",
        limits=("The model always predicts one of its classes, even for examples that belong to none of them.",),
    )

    def labels(self, findings: Findings, name: str, raw: pa.ChunkedArray) -> Labels | None:
        """A class for each distinct value, unless nearly all values are distinct."""
        found = class_labels(raw)
        distinct = len(found.classes)
        if distinct > 20 and distinct > 0.5 * len(found.kept):
            message = (
                f"column {name} has {distinct} different values in {len(found.kept)} rows, so they are not classes"
            )
            is_number = not len(numbers(raw)[1])
            cure = "use task TabularRegression" if is_number else "name another column in target"
            findings.error("TooManyClasses", f"{message}: {cure}", [name])
            return None
        return found

    def outputs(self, classes: int) -> int:
        """One for each class."""
        return classes

    def head(self, metric: Metric, labels: NDArray[np.generic], classes: int, smoothing: float) -> ClassesHead:
        """Rare classes weigh more where the metric weighs all classes equally."""
        weights = _balanced(labels, classes) if metric.is_even else np.empty(0, np.float32)
        return ClassesHead(classes, weights, smoothing)

    def scores(self, labels: NDArray[np.generic], predictions: Floats, classes: int) -> dict[Metric, float]:
        """Means over the examples, or over the classes that occur; log loss in nats."""
        truth = np.asarray(labels, np.int64)
        table = confusion(truth, predictions.argmax(axis=1), classes or predictions.shape[1])
        hits, truths, guesses = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
        seen, used = truths > 0, truths + guesses > 0
        return {
            Metric.ACCURACY: float(hits.sum() / len(truth)),
            Metric.BALANCED_ACCURACY: float((hits[seen] / truths[seen]).mean()),
            Metric.MACRO_F1: float((2 * hits[used] / (truths + guesses)[used]).mean()),
            Metric.LOG_LOSS: float(log_losses(predictions[np.arange(len(truth)), truth]).mean()),
        }

    def resampled(
        self, resampling: Resampling, labels: NDArray[np.generic], predictions: Sequence[Floats], classes: int
    ) -> list[Scores]:
        """Draws cells of the confusion matrix: examples with the same truth and the same guess of each are alike."""
        truth = np.asarray(labels, np.int64)
        found = _resampled_cells(resampling, truth, [each.argmax(axis=1) for each in predictions], classes)
        losses = np.stack([log_losses(each[np.arange(len(truth)), truth]) for each in predictions], 1)
        drawn_losses = resample.means(resampling, losses)
        return [{**scores, Metric.LOG_LOSS: loss} for scores, loss in zip(found, drawn_losses.T, strict=True)]

    def answer(self, predictions: "tf.Tensor", classes: "tf.Tensor") -> "dict[str, tf.Tensor]":
        """`scores` float32 [b, classes]: probabilities; `classes` string [b, classes]: their names."""
        names = tf.tile(classes[tf.newaxis], [tf.shape(predictions)[0], 1])
        return {self.score_output: predictions, "classes": names}

    def baseline(self, counts: NDArray[np.int64], labels: Callable[[], NDArray[np.generic]]) -> Floats:
        """The classes' shares, [classes]."""
        return np.asarray(counts / counts.sum(), np.float64)

    def shown(self, labels: NDArray[np.generic], predictions: NDArray[np.floating], classes: Sequence[str]) -> Shown:
        """Which class was taken for which, how sure of it the model was, and where it was surest and wrong."""
        truth, taken = np.asarray(labels, np.int64), predictions.argmax(axis=1)
        table, sure = confusion(truth, taken, len(classes)), predictions.max(axis=1)
        rows = (
            Miss(int(place), (classes[truth[place]], classes[taken[place]], f"{sure[place]:.4f}"))
            for place in worst(sure, truth != taken)
        )
        return Shown(
            picture=Picture(
                "Confusion matrix", "confusion-matrix.png", plot.confusion_matrix(table, classes), _CONFUSION
            ),
            classes=class_scores(table, classes),
            calibration=Calibration.of("the predicted class is right", truth == taken, sure),
            misses=Misses("how sure the model was", ("true", "predicted", "probability"), tuple(rows)),
        )


def confusion(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> NDArray[np.int64]:
    """How often class `row` was taken for class `column`, [class_count, class_count]; both arrays are [n]."""
    counts = np.bincount(labels * class_count + predicted, minlength=class_count * class_count)
    return counts.reshape(class_count, class_count)


def _balanced(labels: NDArray[np.generic], classes: int) -> NDArray[np.float32]:
    """Inverse frequencies [classes] of labels [n] with mean 1 over the examples, bounded."""
    counts = np.bincount(np.asarray(labels, np.int64), minlength=classes)
    weights = np.minimum(len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)), HEAVIEST)
    return np.asarray(weights * len(labels) / (weights * counts).sum(), np.float32)


def _resampled_cells(resampling: Resampling, labels: Counts, guesses: Sequence[Counts], classes: int) -> list[Scores]:
    """Metrics of hits and misses for each of the guesses [n]: resampling cells is resampling examples."""
    answers = (labels, *guesses)
    shape = (classes,) * len(answers)
    cells, cell_of = np.unique(np.ravel_multi_index(answers, shape), return_inverse=True)
    truth, *taken = np.unravel_index(cells, shape)
    found: list[list[Scores]] = [[] for _ in guesses]
    for drawn in _drawn_cells(resampling, cell_of):
        for blocks, guess in zip(found, taken, strict=True):
            blocks.append(_of_cells(drawn, truth, guess, classes))
    return [{metric: np.concatenate([block[metric] for block in blocks]) for metric in blocks[0]} for blocks in found]


def _drawn_cells(resampling: Resampling, cell_of: Counts) -> Iterator[Counts]:
    """How often each cell is drawn, in blocks [resamples of the block, cells]; `cell_of` [n] are those of examples."""
    examples, counts = len(cell_of), np.bincount(cell_of)
    if resampling.groups is None:
        for size in resample.blocks(len(counts), resampling.count(examples)):
            yield resampling.rng.multinomial(examples, counts / examples, size)
        return
    order = np.argsort(cell_of, kind="stable")
    starts = np.cumsum(counts) - counts
    for often in resampling.counts(examples):
        yield np.add.reduceat(often[:, order], starts, axis=1)


def _of_cells(drawn: Counts, truth: Counts, guess: Counts, classes: int) -> Scores:
    """Metrics of resamples [n, cells] that drew each cell, of a truth and a guess [cells], so often."""
    truths, guesses = _per_class(drawn, truth, classes), _per_class(drawn, guess, classes)
    hits = _per_class(drawn * (truth == guess), truth, classes)
    return {
        Metric.ACCURACY: hits.sum(axis=1) / drawn.sum(axis=1),
        Metric.BALANCED_ACCURACY: _mean_ratio(hits, truths),
        Metric.MACRO_F1: _mean_ratio(2 * hits, truths + guesses),
    }


def _per_class(drawn: Counts, class_of_cell: Counts, classes: int) -> Counts:
    """Sums [n, classes] over the cells [n, cells] of each class."""
    order = np.argsort(class_of_cell, kind="stable")
    present, starts = np.unique(class_of_cell[order], return_index=True)
    sums = np.zeros((len(drawn), classes), np.int64)
    sums[:, present] = np.add.reduceat(drawn[:, order], starts, axis=1)
    return sums


def _mean_ratio(parts: Counts, wholes: Counts) -> Floats:
    """Mean of part/whole [n] over the classes that a resample has."""
    ratios = np.divide(parts, wholes, out=np.zeros(parts.shape), where=wholes > 0)
    means: Floats = ratios.sum(axis=1) / (wholes > 0).sum(axis=1)
    return means


TARGET: Target = Classes()
