"""Landmarkers: the configurations that the profile tries quickly, to place a dataset among the known ones.

Cheap ones that foretell most of how all others do, found by `meta.landmark` on the shipped experience, which has their
scores by the same protocol. Used by the profile, and where that experience is made.
"""

from noria.contract import Configuration, Parameter, Task


def _sklearn(**parameters: Parameter) -> Configuration:
    return Configuration(family="tabular-sklearn", parameters=parameters)


LANDMARKERS: dict[Task, tuple[Configuration, ...]] = {
    Task.TABULAR_CLASSIFICATION: (
        _sklearn(estimator="perceptron"),
        _sklearn(estimator="decision-tree", min_samples_split=2),
        _sklearn(estimator="logistic-regression", C=4, penalty="l2", solver="liblinear"),
        _sklearn(estimator="nearest-neighbors", neighbors=1, p=1),
    )
}
"""By task; the cheapest first."""
