"""Which plots a model card has, by task. Called by `steps.conclude`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from noria.contract import Metric, Task
from noria_trainers.conclusion import plot
from noria_trainers.conclusion.holdout import HoldOut
from noria_trainers.data.manifest import Manifest
from noria_trainers.metrics import confusion


class Picture(NamedTuple):
    """A plot with its place in the card."""

    title: str
    file: str
    png: bytes


def pictures(
    manifest: Manifest, holdout: HoldOut, curves: Mapping[str, Sequence[float]], *, metric: Metric, best: str
) -> tuple[Picture, ...]:
    """What the model did to the hold-out, and how all trials learned."""
    learned = plot.learning_curves(curves, metric=metric, best=best)
    return _of_holdout(manifest, holdout), Picture("Learning curves", "learning-curves.png", learned)


def _of_holdout(manifest: Manifest, holdout: HoldOut) -> Picture:
    labels, predictions = holdout.labels, holdout.predictions
    if manifest.task is Task.TABULAR_REGRESSION:
        return Picture("True and predicted", "predictions.png", plot.true_and_predicted(labels, predictions.ravel()))
    if manifest.task is Task.CLICK_THROUGH_RATE:
        return Picture("Calibration", "calibration.png", plot.calibration(labels, predictions.ravel()))
    table = confusion(labels, predictions.argmax(axis=1), len(manifest.classes))
    return Picture("Confusion matrix", "confusion-matrix.png", plot.confusion_matrix(table, manifest.classes))
