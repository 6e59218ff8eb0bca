"""What the networks for tables and clicks begin with."""

from typing import Any

import keras
from keras import layers, ops, regularizers

from noria_trainers.modality.table.columns import CATEGORIES, NUMBERS, Columns
from noria_trainers.training.design import Parameters, Problem, Recipe, Tensors


def columns(parameters: Parameters, problem: Problem) -> Columns:
    """The inputs of a table: scaled by the parameters, categories hashed where these ask for it."""
    scaling, buckets = parameters["scaling"], parameters.get("buckets", 0)
    return Columns.of(problem.manifest.columns, problem.rows(), scaling=scaling, buckets=buckets)


def recipe(parameters: Parameters, problem: Problem) -> Recipe:
    """How networks for tables are fitted."""
    epochs = problem.epochs(cpu_passes=150_000, gpu_passes=10_000_000, most=60, least=4)
    return Recipe(
        learning_rate=parameters["learning_rate"],
        batch=32 if problem.examples < 2_000 else 128 if problem.examples < 100_000 else 1024,
        epochs=epochs,
        patience=max(6, epochs // 3),
        weight_decay=parameters["weight_decay"],
    )


def placeholders(inputs: Columns) -> dict[str, Any]:
    """Keras inputs by the name of the feature; those that the table has."""
    numbers = {NUMBERS: keras.Input((inputs.width,), name=NUMBERS, dtype="float32")} if inputs.width else {}
    fields = {CATEGORIES: keras.Input((inputs.fields,), name=CATEGORIES, dtype="int32")} if inputs.fields else {}
    return numbers | fields


def linear(inputs: Columns, given: Tensors, outputs: int, penalty: float = 0.0) -> Any:
    """A weight for each number and each category: outputs [b, outputs]."""
    parts = []
    if NUMBERS in given:
        dense = layers.Dense(
            outputs, kernel_initializer="zeros", kernel_regularizer=regularizers.L2(penalty), dtype="float32"
        )
        parts.append(dense(given[NUMBERS]))
    if CATEGORIES in given:
        table = layers.Embedding(inputs.size, outputs, "zeros", regularizers.L2(penalty), dtype="float32")
        parts.append(ops.sum(table(given[CATEGORIES]), axis=1))
    return parts[0] if len(parts) == 1 else layers.Add()(parts)


def embedded(inputs: Columns, given: Tensors, width: int) -> Any:
    """Numbers and embeddings of `width` of the categories, side by side."""
    parts = [given[NUMBERS]] if NUMBERS in given else []
    if CATEGORIES in given:
        parts.append(layers.Flatten()(layers.Embedding(inputs.size, width)(given[CATEGORIES])))
    return parts[0] if len(parts) == 1 else layers.Concatenate()(parts)
