"""Tasks, and the metrics by which their trials are compared."""

from enum import StrEnum


class Task(StrEnum):
    """What is to be learned from a dataset."""

    IMAGE_CLASSIFICATION = "ImageClassification"
    TEXT_CLASSIFICATION = "TextClassification"
    TABULAR_CLASSIFICATION = "TabularClassification"
    TABULAR_REGRESSION = "TabularRegression"
    CLICK_THROUGH_RATE = "ClickThroughRate"


class Metric(StrEnum):
    """A score by which trials are compared. `DEFAULT_METRIC` has a task's own, `METRICS` all that a task allows."""

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


_CLASSIFICATION = (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1, Metric.LOG_LOSS)
METRICS: dict[Task, tuple[Metric, ...]] = {
    Task.IMAGE_CLASSIFICATION: _CLASSIFICATION,
    Task.TEXT_CLASSIFICATION: _CLASSIFICATION,
    Task.TABULAR_CLASSIFICATION: _CLASSIFICATION,
    Task.TABULAR_REGRESSION: (Metric.R2, Metric.RMSE, Metric.MAE),
    Task.CLICK_THROUGH_RATE: (Metric.ROC_AUC, Metric.LOG_LOSS),
}
DEFAULT_METRIC: dict[Task, Metric] = {task: metrics[0] for task, metrics in METRICS.items()}
