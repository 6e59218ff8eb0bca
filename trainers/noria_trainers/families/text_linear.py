"""Family `text-linear`: logistic regression on weighted n-grams of words (TF-IDF)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from noria.contract import Task
from noria_trainers.families.family import Between, Design, Family, Problem, Recipe

if TYPE_CHECKING:
    import keras


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """N-grams of the training texts and one weight for each of them and class."""
    from noria_trainers.modality.text.ngrams import NGrams

    assert problem.texts is not None
    inputs = NGrams.of(problem.texts(), longest=parameters["ngrams"], size=parameters["vocabulary"])
    epochs = problem.epochs(cpu_passes=30_000, gpu_passes=1_000_000, least=4, most=40)
    recipe = Recipe(
        learning_rate=parameters["learning_rate"],
        batch=64 if problem.examples < 50_000 else 512,
        epochs=epochs,
        patience=max(3, epochs // 3),
    )
    penalty = parameters["penalty"] / (2 * problem.examples)
    return Design(inputs, lambda: network(inputs.size, problem.outputs, penalty), recipe)


def network(size: int, outputs: int, penalty: float) -> "keras.Model":
    """From ids and weights [b, n] to logits [b, outputs]; `penalty` is that of a squared weight."""
    import keras
    from keras import layers, ops, regularizers

    ids = keras.Input((None,), name="ids", dtype="int32")
    weights = keras.Input((None,), name="weights", dtype="float32")
    table = layers.Embedding(size + 1, outputs, "zeros", regularizers.L2(penalty), dtype="float32")
    return keras.Model({"ids": ids, "weights": weights}, ops.einsum("bno,bn->bo", table(ids), weights))


FAMILY = Family(
    name="text-linear",
    tasks=(Task.TEXT_CLASSIFICATION,),
    wins="long texts and topics that words give away; few examples",
    parameters={
        "ngrams": Between("longest run of words that counts as one feature", 1, 3),
        "vocabulary": Between("features that are kept, the most frequent first", 1000, 500_000),
        "penalty": Between("strength of the squared penalty on weights: 1/C of logistic regression", 0.0, 100.0),
        "learning_rate": Between("highest learning rate", 1e-4, 1.0),
    },
    defaults={"ngrams": 2, "vocabulary": 50_000, "penalty": 0.05, "learning_rate": 0.05},
    grids=({"ngrams": (1, 2), "vocabulary": (20_000, 100_000), "penalty": (0.01, 0.1, 1.0)},),
    design=design,
)
