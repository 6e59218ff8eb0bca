"""What a task is: one row in `TASKS`, from which everything else about it follows.

A row names what an example is (its modality) and what is asked of it (its target). The trainers have a module for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What to learn from a dataset."""

    IMAGE_CLASSIFICATION = "ImageClassification"
    TEXT_CLASSIFICATION = "TextClassification"
    TABULAR_CLASSIFICATION = "TabularClassification"
    TABULAR_REGRESSION = "TabularRegression"
    CLICK_THROUGH_RATE = "ClickThroughRate"


class Modality(StrEnum):
    """What an example is; names a module of `noria_trainers.modality`."""

    IMAGE = "image"
    TEXT = "text"
    TABLE = "table"


class Target(StrEnum):
    """What is asked of an example; names a module of `noria_trainers.target`."""

    CLASSES = "classes"
    VALUE = "value"
    CLICK = "click"


class Metric(StrEnum):
    """A score by which trials are compared. `TASKS` has those that fit a task."""

    ACCURACY = "Accuracy"
    BALANCED_ACCURACY = "BalancedAccuracy"
    MACRO_F1 = "MacroF1"
    LOG_LOSS = "LogLoss"
    ROC_AUC = "RocAuc"
    R2 = "R2"
    RMSE = "RMSE"
    MAE = "MAE"

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is the better one."""
        return self not in (Metric.LOG_LOSS, Metric.RMSE, Metric.MAE)

    @property
    def is_in_unit_of_target(self) -> bool:
        """Whether it is an error in the unit of what is predicted."""
        return self in (Metric.RMSE, Metric.MAE)

    @property
    def counts_hits(self) -> bool:
        """Whether an answer is right or wrong, and nothing between."""
        return self in (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1)

    @property
    def is_even(self) -> bool:
        """Whether all classes weigh equally, however rare."""
        return self in (Metric.BALANCED_ACCURACY, Metric.MACRO_F1)


@dataclass(frozen=True)
class Metrics:
    """The metrics that fit a task."""

    default: Metric
    """Compares trials where the user names no metric."""
    tie_breaker: Metric
    """Breaks ties between epochs that are equal by the chosen metric: it changes with every prediction."""
    all: tuple[Metric, ...]
    """In the order in which reports and cards list them."""


@dataclass(frozen=True)
class Definition:
    """What a task is."""

    modality: Modality
    target: Target
    metrics: Metrics
    needs_target: bool
    """Whether the Dataset must name the column to predict; other labels are folders, or a column with a usual name."""


_CLASSIFICATION = Metrics(
    default=Metric.ACCURACY,
    tie_breaker=Metric.LOG_LOSS,
    all=(Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1, Metric.LOG_LOSS),
)
_REGRESSION = Metrics(default=Metric.R2, tie_breaker=Metric.MAE, all=(Metric.R2, Metric.RMSE, Metric.MAE))
_CLICKS = Metrics(default=Metric.ROC_AUC, tie_breaker=Metric.LOG_LOSS, all=(Metric.ROC_AUC, Metric.LOG_LOSS))
TASKS: Mapping[Task, Definition] = {
    Task.IMAGE_CLASSIFICATION: Definition(Modality.IMAGE, Target.CLASSES, _CLASSIFICATION, needs_target=False),
    Task.TEXT_CLASSIFICATION: Definition(Modality.TEXT, Target.CLASSES, _CLASSIFICATION, needs_target=False),
    Task.TABULAR_CLASSIFICATION: Definition(Modality.TABLE, Target.CLASSES, _CLASSIFICATION, needs_target=True),
    Task.TABULAR_REGRESSION: Definition(Modality.TABLE, Target.VALUE, _REGRESSION, needs_target=True),
    Task.CLICK_THROUGH_RATE: Definition(Modality.TABLE, Target.CLICK, _CLICKS, needs_target=True),
}


def why_unfit(metric: Metric, task: Task) -> str | None:
    """Why trials of the task cannot be compared by the metric; none if they can."""
    fitting = TASKS[task].metrics.all
    return None if metric in fitting else f"{metric} does not fit {task}: use one of {', '.join(fitting)}"
