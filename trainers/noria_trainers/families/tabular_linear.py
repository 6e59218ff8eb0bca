"""Family `tabular-linear`: logistic or ridge regression on scaled numbers and one-hot categories."""

from collections.abc import Mapping
from typing import Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem, Recipe
from noria_trainers.families.table import columns, linear, placeholders


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """One weight for each column or category, and output."""
    import keras

    inputs = columns(parameters, problem)
    epochs = problem.epochs(cpu_passes=150_000, gpu_passes=10_000_000, most=60, least=5)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=32 if problem.examples < 2_000 else 128 if problem.examples < 100_000 else 1024,
        epochs=epochs,
        patience=max(8, epochs // 3),
    )
    penalty = parameters["penalty"] / (2 * problem.examples)

    def network() -> keras.Model:
        given = placeholders(inputs)
        return keras.Model(given, linear(inputs, given, problem.outputs, penalty))

    return Design(inputs, network, recipe)


FAMILY = Family(
    name="tabular-linear",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="few rows, or columns that act one by one",
    parameters={
        "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
        "penalty": Between("strength of the squared penalty on weights: 1/C of logistic regression", 0.0, 1000.0),
        "learning_rate": Between("highest learning rate", 1e-4, 1.0),
    },
    defaults={"scaling": "standard", "penalty": 1.0, "learning_rate": 0.03},
    grids=({"scaling": ("standard", "quantile"), "penalty": (0.1, 1.0, 10.0, 100.0)},),
    design=design,
)
