"""How the networks of the families `click-*` are designed: will it be clicked on? Categories are hashed."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from noria_trainers.families.table import columns, placeholders
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Parameters, Problem, Recipe, Tensors

Network = Callable[[Parameters, Columns, Tensors, int], Any]
"""From parameters, columns, Keras inputs and the number of outputs to raw outputs [b, outputs]."""


def click_design(parameters: Parameters, problem: Problem, network: Network) -> Design:
    """The network over the table's columns."""
    inputs = columns(parameters, problem)
    epochs = problem.epochs(cpu_passes=150_000, gpu_passes=50_000_000, most=30, least=2)

    def model() -> keras.Model:
        given = placeholders(inputs)
        return keras.Model(given, network(parameters, inputs, given, problem.outputs))

    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=128 if problem.examples < 50_000 else 1024,
        epochs=epochs,
        patience=max(2, epochs // 4),
        weight_decay=parameters["weight_decay"],
    )
    return Design(inputs, model, recipe)


def deep(parameters: Parameters, hidden: Any) -> Any:
    """Layers [b, n], each half as wide as the one before."""
    for shrink in range(parameters["layers"]):
        hidden = layers.Dense(max(8, parameters["width"] >> shrink), activation="relu")(hidden)
        hidden = layers.Dropout(parameters["dropout"])(hidden)
    return hidden
