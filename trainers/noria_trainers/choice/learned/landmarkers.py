"""Landmarkers: the configurations that the profile tries quickly, to place a dataset among the known ones.

Cheap ones that predict best how all others do, found by `landmarker_search` on the shipped experience, which has
their scores by the same protocol.
"""

from collections.abc import Mapping

from noria.contract import Configuration, Parameter, Task
from noria_trainers.choice.learned.evidence import landmarker
from noria_trainers.families import FAMILIES

_FAMILY = FAMILIES["tabular-sklearn"]


def _landmarker(**parameters: Parameter) -> Configuration:
    return Configuration(family=_FAMILY.name, parameters=parameters)


_CHEAPEST_FIRST = (
    _landmarker(estimator="perceptron"),
    _landmarker(estimator="decision-tree", min_samples_split=2),
    _landmarker(estimator="logistic-regression", C=4, penalty="l2", solver="liblinear"),
    _landmarker(estimator="nearest-neighbors", neighbors=1, p=1),
)
LANDMARKERS: dict[Task, tuple[Configuration, ...]] = dict.fromkeys(_FAMILY.tasks, _CHEAPEST_FIRST)
"""By task."""


def quick_scores(task: Task, meta_features: Mapping[str, float]) -> dict[str, float | None]:
    """The score of each landmarker of the task by its estimator's name; none where the meta-features lack it."""
    found = LANDMARKERS.get(task, ())
    return {str(each.parameters["estimator"]): meta_features.get(landmarker(each)) for each in found}


def without_score(task: Task, meta_features: Mapping[str, float]) -> tuple[str, ...]:
    """Names of the task's landmarkers that the meta-features have no score of."""
    return tuple(name for name, score in quick_scores(task, meta_features).items() if score is None)
