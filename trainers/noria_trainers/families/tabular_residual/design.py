"""Family `tabular-residual`: residual layers on scaled numbers and embedded categories.

The ResNet of Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", arXiv:2106.11959.
"""

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
    width = parameters["width"]
    hidden = layers.Dense(width)(embedded(inputs, given, parameters["embedding"]))
    for _ in range(parameters["blocks"]):
        branch = layers.Dense(2 * width, activation="relu")(layers.BatchNormalization(momentum=0.95)(hidden))
        hidden = layers.Add()([hidden, layers.Dense(width)(layers.Dropout(parameters["dropout"])(branch))])
    hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(hidden))
    return keras.Model(given, layers.Dense(outputs, dtype="float32")(hidden))
