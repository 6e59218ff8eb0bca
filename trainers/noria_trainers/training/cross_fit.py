"""What a fit is worth by examples that did not pick its epoch: the best of many epochs owes some of its score to luck.

The split is cut in two, and each half is predicted by the epoch that is best on the other half. Kept by
`training.state`, fed after each epoch by `training.loop` and `training.once`.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric
from noria_trainers import metrics
from noria_trainers.training.judge import Judgement
from noria_trainers.training.objective import Objective


@dataclass
class CrossFit:
    """Of the epochs so far."""

    best: list[list[float]] = field(default_factory=list)
    """Of each half the best epoch's rank there, see `_rank`."""
    predictions: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    """For all examples of the split in their order."""

    def see(self, judged: Judgement, objective: Objective) -> None:
        """Take in the predictions for the split after an epoch."""
        halves = _halves(len(judged.labels))
        ranks = [_rank(judged, half, objective) for half in halves]
        if not self.best:
            self.best, self.predictions = ranks, judged.predictions.copy()
        for number, other in enumerate(reversed(halves)):
            if ranks[number] > self.best[number]:
                self.best[number] = ranks[number]
                self.predictions[other] = judged.predictions[other]


def _halves(count: int) -> tuple[slice, slice]:
    """Every second example, so that a split in the order of its labels is cut fairly; all twice where there is one."""
    return (slice(0, None, 2), slice(1, None, 2)) if count > 1 else (slice(None), slice(None))


def _rank(judged: Judgement, half: slice, objective: Objective) -> list[float]:
    """Higher is better: by the order's metric and, where that is the same, by the finest of the task's."""
    found = metrics.score(objective.task, judged.labels[half], judged.predictions[half], objective.outputs)
    return [_signed(found[metric], metric) for metric in (objective.metric, TASKS[objective.task].metrics.tie_breaker)]


def _signed(value: float, metric: Metric) -> float:
    return value if metric.higher_is_better else -value
