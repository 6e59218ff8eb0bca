"""Family `text-transformer`: a small Transformer encoder with learned positions (Vaswani et al., arXiv:1706.03762).

Normalisation comes before attention and after the last block, which trains without a long warm-up.
"""

import keras
from keras import layers, ops

from noria_trainers.modality.text.words import PADDING, Words
from noria_trainers.training.design import Design, Parameters, Problem, Recipe

LONGEST_CPU, LONGEST_GPU = 64, 512


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the first words of the texts, at most 64 (CPU) or 512 (GPU)."""
    longest = LONGEST_GPU if problem.gpu else LONGEST_CPU
    inputs = Words.of(problem.strings(), longest=longest, size=parameters["vocabulary"])
    epochs = problem.epochs(cpu_passes=8_000, most=20)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=64,
        epochs=epochs,
        patience=max(2, epochs // 3),
        weight_decay=0.001,
    )
    return Design(inputs, lambda: network(parameters, inputs.length, inputs.size, problem.outputs), recipe)


def network(parameters: Parameters, length: int, size: int, outputs: int) -> keras.Model:
    """From word ids [b, length], 0 where there is no word, to logits [b, outputs]."""
    width, heads, dropout = parameters["width"], parameters["heads"], parameters["dropout"]
    ids = keras.Input((length,), name="ids", dtype="int32")
    there = ops.cast(ops.not_equal(ids, PADDING), "float32")[:, :, None]
    visible = ops.cast(there, "bool")[:, None, :, 0]
    places = layers.Embedding(length, width)(ops.arange(length, dtype="int32")[None, :])
    hidden = layers.Dropout(dropout)(layers.Embedding(size, width)(ids) + places)
    for _ in range(parameters["blocks"]):
        normal = layers.LayerNormalization()(hidden)
        attention = layers.MultiHeadAttention(heads, width // heads)
        hidden = hidden + attention(normal, normal, attention_mask=visible)
        wide = layers.Dense(2 * width, activation="gelu")(layers.LayerNormalization()(hidden))
        hidden = hidden + layers.Dropout(dropout)(layers.Dense(width)(wide))
    last = ops.cast(layers.LayerNormalization()(hidden), "float32") * there
    mean = ops.sum(last, axis=1) / ops.maximum(ops.sum(there, axis=1), 1.0)
    return keras.Model({"ids": ids}, layers.Dense(outputs, dtype="float32")(layers.Dropout(dropout)(mean)))
