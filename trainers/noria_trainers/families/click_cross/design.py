"""Family `click-cross`: cross layers beside a deep part (DCN-v2, Wang et al., arXiv:2008.13535)."""

from typing import Any

from keras import layers

from noria_trainers.families.click_design import click_design, deep
from noria_trainers.families.table import embedded
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Parameters, Problem, Tensors


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the table's columns."""
    return click_design(parameters, problem, network)


def network(parameters: Parameters, inputs: Columns, given: Tensors, outputs: int) -> Any:
    """Raw outputs [b, outputs]. Each cross layer multiplies the features with a linear view of the last one:
    x * (W h + b) + h.
    """
    features = embedded(inputs, given, parameters["embedding"])
    crossed = features
    for _ in range(parameters["crosses"]):
        view = layers.Dense(features.shape[-1])(crossed)
        crossed = layers.Add()([layers.Multiply()([features, view]), crossed])
    both = layers.Concatenate()([crossed, deep(parameters, features)])
    return layers.Dense(outputs, dtype="float32")(both)
