"""Every metric of a task from labels and predictions, in plain numpy. Used wherever predictions are judged."""

import numpy as np
from numpy.typing import NDArray

from noria.contract import TASKS, Metric, Task
from noria_trainers.target.target import target_of


def score(
    task: Task, labels: NDArray[np.generic], predictions: NDArray[np.floating], class_count: int = 0
) -> dict[Metric, float]:
    """Every metric that the task allows, in the table's order.

    Labels are [n] or [n, k], predictions [n, k], as the task's target has them; [n] where it answers with one number.
    """
    found = target_of(task).scores(labels, np.asarray(predictions, np.float64), class_count)
    return {metric: found[metric] for metric in TASKS[task].metrics.all}
