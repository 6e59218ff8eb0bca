"""The name of a score as people read it. Used by `run` and `explain`."""

from noria.contract import Metric


def headed(metric: Metric, target: str | None) -> str:
    """The metric with its unit, if it has one."""
    if metric is Metric.LOG_LOSS:
        return f"{metric} (nats)"
    return f"{metric} (unit of {target})" if metric.is_in_unit_of_target and target else metric.value
