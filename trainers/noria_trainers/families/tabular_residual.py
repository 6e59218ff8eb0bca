"""Family `tabular-residual`: residual layers on scaled numbers and embedded categories.

The ResNet of Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", arXiv:2106.11959.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem
from noria_trainers.families.table import columns, embedded, placeholders
from noria_trainers.families.tabular_mlp import recipe

if TYPE_CHECKING:
    import keras

    from noria_trainers.modality.table.columns import Columns


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network over the table's columns."""
    inputs = columns(parameters, problem)
    return Design(inputs, lambda: network(parameters, inputs, problem.outputs), recipe(parameters, problem))


def network(parameters: Mapping[str, Any], inputs: "Columns", outputs: int) -> "keras.Model":
    """From numbers and category ids to outputs [b, outputs]."""
    import keras
    from keras import layers

    given = placeholders(inputs)
    width = parameters["width"]
    hidden = layers.Dense(width)(embedded(inputs, given, parameters["embedding"]))
    for _ in range(parameters["blocks"]):
        branch = layers.Dense(2 * width, activation="relu")(layers.BatchNormalization(momentum=0.95)(hidden))
        hidden = layers.Add()([hidden, layers.Dense(width)(layers.Dropout(parameters["dropout"])(branch))])
    hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(hidden))
    return keras.Model(given, layers.Dense(outputs, dtype="float32")(hidden))


FAMILY = Family(
    name="tabular-residual",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="many columns that act together; several thousand rows and more",
    parameters={
        "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
        "blocks": Between("residual blocks", 1, 8),
        "width": Between("units of a layer", 8, 512),
        "dropout": Between("share of units left out in a block", 0.0, 0.8),
        "embedding": Between("numbers of a category", 1, 64),
        "weight_decay": Between("how fast weights shrink", 0.0, 1.0),
        "learning_rate": Between("highest learning rate", 1e-5, 0.1),
    },
    defaults={
        "scaling": "standard",
        "blocks": 2,
        "width": 96,
        "dropout": 0.2,
        "embedding": 8,
        "weight_decay": 0.001,
        "learning_rate": 0.003,
    },
    grids=(
        {"scaling": ("standard", "quantile"), "blocks": (1, 2), "width": (64, 128), "learning_rate": (0.001, 0.004)},
        {"blocks": (2, 3), "dropout": (0.4,), "weight_decay": (0.001, 0.1)},
    ),
    design=design,
)
