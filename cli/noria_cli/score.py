"""The name of a score as people read it. Used by `run`, `explain` and `detail`."""

from noria.contract import Metric
from noria_trainers.wording import rounded


def headed(metric: Metric, target: str | None) -> str:
    """The metric with its unit, if it has one."""
    if metric is Metric.LOG_LOSS:
        return f"{metric} (nats)"
    return f"{metric} (unit of {target})" if metric.is_in_unit_of_target and target else metric.value


def told(metric: Metric | None, score: float | None) -> str:
    """A score that may be unknown, as may be its metric."""
    if score is None:
        return "-"
    return f"{metric} {rounded(metric, score)}" if metric else f"{score:.4g}"
