"""Family `tabular-linear`: logistic or ridge regression on scaled numbers and one-hot categories."""

import keras

from noria_trainers.families.table import columns, linear, placeholders
from noria_trainers.training.design import Design, Parameters, Problem, Recipe


def design(parameters: Parameters, problem: Problem) -> Design:
    """One weight for each column or category, and output."""
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
