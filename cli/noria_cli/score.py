"""Scores as people read them. Used by `run` and `explain`."""

import math

from noria.contract import Metric

DIGITS = 4
"""After the point of a share, and of an error in all."""
_IN_UNIT_OF_TARGET = (Metric.RMSE, Metric.MAE)


def rounded(metric: Metric, value: float) -> str:
    """`0.9312`, and `12,346` or `0.01235` for an error in the target's unit."""
    if metric not in _IN_UNIT_OF_TARGET or not math.isfinite(value) or value == 0:
        return f"{value:.{DIGITS}f}"
    return f"{value:,.{max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))}f}"


def headed(metric: Metric, target: str | None) -> str:
    """The metric with its unit, if it has one."""
    if metric is Metric.LOG_LOSS:
        return f"{metric} (nats)"
    return f"{metric} (unit of {target})" if metric in _IN_UNIT_OF_TARGET and target else metric.value
