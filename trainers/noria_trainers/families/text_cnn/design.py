"""Family `text-cnn`: word embeddings, convolutions of several widths, the maximum of each (Kim, arXiv:1408.5882)."""

import keras
from keras import layers

from noria_trainers.modality.text.words import Words
from noria_trainers.training.design import Design, Parameters, Problem, Recipe

LONGEST_CPU, LONGEST_GPU = 128, 1024
WIDTHS = (2, 3, 4)


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the first words of the texts, at most 128 (CPU) or 1,024 (GPU)."""
    longest = LONGEST_GPU if problem.gpu else LONGEST_CPU
    inputs = Words.of(problem.strings(), longest=longest, size=parameters["vocabulary"])
    epochs = problem.epochs(cpu_passes=10_000, most=20)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=64,
        epochs=epochs,
        patience=max(2, epochs // 3),
        weight_decay=0.0001,
    )
    return Design(inputs, lambda: network(parameters, inputs.length, inputs.size, problem.outputs), recipe)


def network(parameters: Parameters, length: int, size: int, outputs: int) -> keras.Model:
    """From word ids [b, length] to logits [b, outputs]."""
    ids = keras.Input((length,), name="ids", dtype="int32")
    words = layers.SpatialDropout1D(parameters["dropout"] / 2)(layers.Embedding(size, parameters["embedding"])(ids))
    filters = parameters["filters"]
    found = [
        layers.GlobalMaxPooling1D()(layers.Conv1D(filters, width, padding="same", activation="relu")(words))
        for width in WIDTHS
    ]
    hidden = layers.Dropout(parameters["dropout"])(
        layers.Concatenate()([*found, layers.GlobalAveragePooling1D()(words)])
    )
    return keras.Model({"ids": ids}, layers.Dense(outputs, dtype="float32")(hidden))
