"""Family `tabular-mlp`: layers of equal width on scaled numbers and embedded categories."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers

from noria_trainers.families.table import columns, embedded, placeholders, recipe
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Problem


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network over the table's columns."""
    inputs = columns(parameters, problem)
    return Design(inputs, lambda: network(parameters, inputs, problem.outputs), recipe(parameters, problem))


def network(parameters: Mapping[str, Any], inputs: Columns, outputs: int) -> keras.Model:
    """From numbers and category ids to outputs [b, outputs]."""
    given = placeholders(inputs)
    hidden = embedded(inputs, given, parameters["embedding"])
    for _ in range(parameters["layers"]):
        hidden = layers.Dense(parameters["width"], activation=parameters["activation"])(hidden)
        hidden = layers.Dropout(parameters["dropout"])(hidden)
    return keras.Model(given, layers.Dense(outputs, dtype="float32")(hidden))
