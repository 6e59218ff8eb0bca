"""The plots of a model card. Used by `steps.conclude`."""

from collections.abc import Mapping, Sequence

from noria.contract import Metric
from noria_trainers.conclusion.curves import learning_curves
from noria_trainers.target import plot
from noria_trainers.target.calibration import Calibration
from noria_trainers.target.shown import Picture

_LEARNED = "The validation score of each trial after each epoch. The table of trials has the last ones."
_CALIBRATED = "The share for which it came true beside the predicted probability. The table below has the figures."


def calibrated(found: Calibration) -> Picture:
    """Whether probabilities come true."""
    return Picture("Calibration", "calibration.png", plot.calibration(found), _CALIBRATED)


def learned(curves: Mapping[str, Sequence[float]], *, metric: Metric, best: str) -> Picture:
    """How all trials learned, from their validation scores after each epoch."""
    png = learning_curves(curves, metric=metric, best=best)
    return Picture("Learning curves", "learning-curves.png", png, _LEARNED)
