"""Every column of the public table has its configuration, columns that repeat others theirs."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from noria.contract import Task
from noria_trainers.experience.oboe import configuration, counterpart
from noria_trainers.families import check
from noria_trainers.families.tabular_sklearn.space import ESTIMATOR, FAMILY

_SPLITS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_FOREST = {"min_samples_split": (*_SPLITS, 0.1, 0.01, 0.001, 0.0001, 1e-05), "criterion": ("gini", "entropy")}
_LEVELS = (0.125, 0.25, 0.5, 0.75, 1, 2, 4, 8, 16)
TABLE: dict[str, dict[str, tuple[Any, ...]]] = {
    "AB": {"n_estimators": (50, 100), "learning_rate": (1, 1.5, 2, 2.5, 3)},
    "DT": {"min_samples_split": (*_SPLITS, 0.01, 0.001, 0.0001, 1e-05)},
    "ExtraTrees": _FOREST,
    "GBT": {
        "learning_rate": (0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
        "max_depth": (3, 6),
        "max_features": (None, "log2"),
    },
    "GNB": {},
    "KNN": {"n_neighbors": (1, 3, 5, 7, 9, 11, 13, 15), "p": (1, 2)},
    "Logit": {
        "C": (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4),
        "solver": ("liblinear", "saga"),
        "penalty": ("l1", "l2"),
    },
    "MLP": {
        "learning_rate_init": (0.0001, 0.001, 0.01),
        "learning_rate": ("adaptive",),
        "solver": ("sgd", "adam"),
        "alpha": (0.0001, 0.01),
    },
    "Perceptron": {},
    "RF": _FOREST,
    "kSVM": {"C": _LEVELS, "kernel": ("rbf", "poly"), "coef0": (0, 10)},
    "lSVM": {"C": _LEVELS},
}


def columns() -> Iterator[str]:
    """The table's header."""
    for algorithm, grid in TABLE.items():
        for values in product(*grid.values()):
            yield str({"algorithm": algorithm, "hyperparameters": dict(zip(grid, values, strict=True))})


def test_219_columns_are_190_configurations_of_the_space() -> None:
    names = list(columns())
    found = [configuration(name) for name in names]
    assert len(names) == 219
    assert [name for name, each in zip(names, found, strict=True) if each is None] == names[:10]
    different = {each.id for each in found if each}
    assert len(different) == 190
    assert different <= {each.id for each in FAMILY.space()}
    for each in found:
        if each:
            check(each, Task.TABULAR_CLASSIFICATION)


def test_columns_of_adaboost_have_a_counterpart_in_the_space_that_is_another_model() -> None:
    adaboost = [counterpart(name) for name in list(columns())[:10]]
    assert {each.parameters[ESTIMATOR] for each in adaboost} == {"adaboost"}
    assert {each.id for each in adaboost} <= {each.id for each in FAMILY.space()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'DT', 'hyperparameters': {'min_samples_split': 2}", "'DT', 'hyperparameters': {'min_samples_split': 1e-05}"),
        (
            "'kSVM', 'hyperparameters': {'C': 2, 'kernel': 'rbf', 'coef0': 0}",
            "'kSVM', 'hyperparameters': {'C': 2, 'kernel': 'rbf', 'coef0': 10}",
        ),
    ],
)
def test_columns_that_repeat_another_share_its_configuration(one: str, other: str) -> None:
    first, second = (configuration(f"{{'algorithm': {name}}}") for name in (one, other))
    assert first == second


def test_a_column_of_another_table_is_no_guess() -> None:
    with pytest.raises(KeyError):
        configuration("{'algorithm': 'XGB', 'hyperparameters': {}}")
