"""Statistics that go into meta-features, always finite."""

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.examples import Examples


def spread(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    """Mean, standard deviation, smallest, median and largest of values [n], under names that begin with `name`."""
    if not len(values):
        return {}
    return {
        f"{name}Mean": float(values.mean()),
        f"{name}Std": float(values.std()),
        f"{name}Min": float(values.min()),
        f"{name}Median": float(np.median(values)),
        f"{name}Max": float(values.max()),
    }


def skewness(values: NDArray[np.float64]) -> float:
    """Third standardised moment of values [n], 0 for constant ones."""
    deviation = values - values.mean() if len(values) else values
    std = float(deviation.std()) if len(values) else 0.0
    return float((deviation**3).mean() / std**3) if std > 0 else 0.0


def kurtosis(values: NDArray[np.float64]) -> float:
    """Fourth standardised moment of values [n] less the normal distribution's 3, 0 for constant ones."""
    deviation = values - values.mean() if len(values) else values
    std = float(deviation.std()) if len(values) else 0.0
    return float((deviation**4).mean() / std**4 - 3) if std > 0 else 0.0


def common(examples: Examples, chosen: NDArray[np.int64]) -> dict[str, float]:
    """Count and balance of the training examples, or the distribution of a regression's target.

    `chosen` [k] are indices.
    """
    count = {"examples": float(len(chosen)), "logExamples": float(np.log10(max(1, len(chosen))))}
    if not examples.classes:
        target = examples.labels[chosen].astype(np.float64)
        return {
            **count,
            **spread("target", target),
            "targetSkewness": skewness(target),
            "targetKurtosis": kurtosis(target),
        }
    share = examples.class_counts(chosen) / max(1, len(chosen))
    seen = share[share > 0]
    return {
        **count,
        "classes": float(len(examples.classes)),
        "classEntropy": float(-(seen * np.log(seen)).sum() / np.log(max(2, len(examples.classes)))),
        "largestClassShare": float(share.max()),
        "smallestClassShare": float(share.min()),
        "examplesPerClass": float(len(chosen) / len(examples.classes)),
    }
