"""Family `tabular-mlp`: layers of equal width on scaled numbers and embedded categories."""

import keras
from keras import layers

from noria_trainers.families.table import columns, embedded, placeholders, recipe
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Parameters, Problem


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the table's columns."""
    inputs = columns(parameters, problem)
    return Design(inputs, lambda: network(parameters, inputs, problem.outputs), recipe(parameters, problem))


def network(parameters: Parameters, inputs: Columns, outputs: int) -> keras.Model:
    """From numbers and category ids to outputs [b, outputs]."""
    given = placeholders(inputs)
    hidden = embedded(inputs, given, parameters["embedding"])
    for _ in range(parameters["layers"]):
        hidden = layers.Dense(parameters["width"], activation=parameters["activation"])(hidden)
        hidden = layers.Dropout(parameters["dropout"])(hidden)
    return keras.Model(given, layers.Dense(outputs, dtype="float32")(hidden))
