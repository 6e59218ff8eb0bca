"""Family `text-cnn`: word embeddings, convolutions of several widths, the maximum of each (Kim, arXiv:1408.5882)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, Problem, Recipe

if TYPE_CHECKING:
    import keras

LONGEST_CPU, LONGEST_GPU = 128, 1024
WIDTHS = (2, 3, 4)


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network over the first words of the texts, at most 128 (CPU) or 1,024 (GPU)."""
    from noria_trainers.modality.text.words import Words

    assert problem.texts is not None
    longest = LONGEST_GPU if problem.gpu else LONGEST_CPU
    inputs = Words.of(problem.texts(), longest=longest, size=parameters["vocabulary"])
    epochs = problem.epochs(cpu_passes=10_000, most=20)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=64,
        epochs=epochs,
        patience=max(2, epochs // 3),
        weight_decay=0.0001,
    )
    return Design(inputs, lambda: network(parameters, inputs.length, inputs.size, problem.outputs), recipe)


def network(parameters: Mapping[str, Any], length: int, size: int, outputs: int) -> "keras.Model":
    """From word ids [b, length] to logits [b, outputs]."""
    import keras
    from keras import layers

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


FAMILY = Family(
    name="text-cnn",
    tasks=(Task.TEXT_CLASSIFICATION,),
    wins="phrases decide, wherever they stand in the text; some thousand examples",
    parameters={
        "vocabulary": Between("words that have an embedding, the most frequent first", 1000, 200_000),
        "embedding": Between("numbers of a word", 8, 512),
        "filters": Between("phrases looked for, of each width", 8, 512),
        "dropout": Between("share of features left out", 0.0, 0.8),
        "learning_rate": Between("highest learning rate", 1e-5, 0.1),
    },
    defaults={"vocabulary": 10_000, "embedding": 48, "filters": 48, "dropout": 0.3, "learning_rate": 0.003},
    grids=({"embedding": (32, 64), "filters": (32, 64), "dropout": (0.2, 0.5), "learning_rate": (0.001, 0.003)},),
    design=design,
)
