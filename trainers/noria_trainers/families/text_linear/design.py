"""Family `text-linear`: logistic regression on weighted n-grams of words (TF-IDF)."""

import keras
from keras import layers, ops, regularizers

from noria_trainers.modality.text.ngrams import NGrams
from noria_trainers.training.design import Design, Parameters, Problem, Recipe


def design(parameters: Parameters, problem: Problem) -> Design:
    """N-grams of the training texts and one weight for each of them and class."""
    inputs = NGrams.of(problem.strings(), longest=parameters["ngrams"], size=parameters["vocabulary"])
    epochs = problem.epochs(cpu_passes=30_000, gpu_passes=1_000_000, least=4, most=40)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=64 if problem.examples < 50_000 else 512,
        epochs=epochs,
        patience=max(3, epochs // 3),
    )
    penalty = parameters["penalty"] / (2 * problem.examples)
    return Design(inputs, lambda: network(inputs.size, problem.outputs, penalty), recipe)


def network(size: int, outputs: int, penalty: float) -> keras.Model:
    """From ids and weights [b, n] to logits [b, outputs]; `penalty` is that of a squared weight."""
    ids = keras.Input((None,), name="ids", dtype="int32")
    weights = keras.Input((None,), name="weights", dtype="float32")
    table = layers.Embedding(size + 1, outputs, "zeros", regularizers.L2(penalty), dtype="float32")
    return keras.Model({"ids": ids, "weights": weights}, ops.einsum("bno,bn->bo", table(ids), weights))
