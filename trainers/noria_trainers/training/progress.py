"""A trial's progress: Prometheus gauges for the frame to serve, and a line with a bar for each epoch."""

import structlog
from prometheus_client import Gauge

from noria_trainers.training.state import Epoch

EPOCH = Gauge("noria_trial_epoch", "Epochs that the trial has finished.")
EPOCHS = Gauge("noria_trial_epochs", "Maximum number of epochs of the trial.")
SCORE = Gauge("noria_trial_validation_score", "Score of the last epoch on the validation set, by the order's metric.")
BEST_SCORE = Gauge("noria_trial_best_validation_score", "Best validation score so far, by the order's metric.")
LOSS = Gauge("noria_trial_loss", "Mean loss of the last epoch.", ["split"])
SPEED = Gauge("noria_trial_examples_per_second", "Training examples per second in the last epoch.")
_BAR = 20

log = structlog.stdlib.get_logger(__name__)


def show(epoch: Epoch, *, number: int, most: int, best: float, examples: int) -> None:
    """Report a finished epoch; `number` counts from 1."""
    EPOCH.set(number)
    EPOCHS.set(most)
    SCORE.set(epoch.score)
    BEST_SCORE.set(best)
    LOSS.labels("train").set(epoch.train_loss)
    LOSS.labels("validation").set(epoch.validation_loss)
    SPEED.set(examples / max(epoch.seconds, 1e-9))
    done = _BAR * number // most
    log.info(
        f"epoch {number:>{len(str(most))}} of {most} [{'#' * done}{'-' * (_BAR - done)}]",
        score=round(epoch.score, 4),
        best=round(best, 4),
        train_loss=round(epoch.train_loss, 4),
        validation_loss=round(epoch.validation_loss, 4),
        seconds=round(epoch.seconds, 1),
    )
