"""Family `tabular-mlp`: layers of equal width on scaled numbers and embedded categories."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, OneOf, Problem, Recipe
from noria_trainers.families.table import columns, embedded, placeholders

if TYPE_CHECKING:
    import keras

    from noria_trainers.modality.table.columns import Columns


def recipe(parameters: Mapping[str, Any], problem: Problem) -> Recipe:
    """How networks for tables are fitted."""
    epochs = problem.epochs(cpu_passes=150_000, gpu_passes=10_000_000, most=60, least=4)
    return Recipe(
        learning_rate=parameters["learning_rate"],
        batch=32 if problem.examples < 2_000 else 128 if problem.examples < 100_000 else 1024,
        epochs=epochs,
        patience=max(6, epochs // 3),
        weight_decay=parameters["weight_decay"],
    )


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network over the table's columns."""
    inputs = columns(parameters, problem)
    return Design(inputs, lambda: network(parameters, inputs, problem.outputs), recipe(parameters, problem))


def network(parameters: Mapping[str, Any], inputs: "Columns", outputs: int) -> "keras.Model":
    """From numbers and category ids to outputs [b, outputs]."""
    import keras
    from keras import layers

    given = placeholders(inputs)
    hidden = embedded(inputs, given, parameters["embedding"])
    for _ in range(parameters["layers"]):
        hidden = layers.Dense(parameters["width"], activation=parameters["activation"])(hidden)
        hidden = layers.Dropout(parameters["dropout"])(hidden)
    return keras.Model(given, layers.Dense(outputs, dtype="float32")(hidden))


FAMILY = Family(
    name="tabular-mlp",
    tasks=(Task.TABULAR_CLASSIFICATION, Task.TABULAR_REGRESSION),
    wins="columns that act together, in curves; a thousand rows and more",
    parameters={
        "scaling": OneOf("how numbers are scaled", ("standard", "quantile")),
        "layers": Between("hidden layers", 1, 6),
        "width": Between("units of a layer", 8, 1024),
        "activation": OneOf("of hidden layers", ("relu", "gelu", "selu", "tanh")),
        "dropout": Between("share of units left out", 0.0, 0.8),
        "embedding": Between("numbers of a category", 1, 64),
        "weight_decay": Between("how fast weights shrink", 0.0, 1.0),
        "learning_rate": Between("highest learning rate", 1e-5, 0.1),
    },
    defaults={
        "scaling": "standard",
        "layers": 2,
        "width": 128,
        "activation": "relu",
        "dropout": 0.1,
        "embedding": 8,
        "weight_decay": 0.001,
        "learning_rate": 0.003,
    },
    grids=(
        {"scaling": ("standard", "quantile"), "layers": (1, 2), "width": (64, 256), "dropout": (0.0, 0.2)},
        {"layers": (2, 3), "activation": ("relu", "gelu"), "dropout": (0.3,), "weight_decay": (0.001, 0.1)},
    ),
    design=design,
)
