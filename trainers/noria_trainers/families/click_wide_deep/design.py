"""Family `click-wide-deep`: a linear part beside a deep one (Cheng et al., arXiv:1606.07792)."""

from typing import Any

from keras import layers

from noria_trainers.families.click_design import click_design, deep
from noria_trainers.families.table import embedded, linear
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Parameters, Problem, Tensors


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the table's columns."""
    return click_design(parameters, problem, network)


def network(parameters: Parameters, inputs: Columns, given: Tensors, outputs: int) -> Any:
    """Raw outputs [b, outputs]."""
    hidden = deep(parameters, embedded(inputs, given, parameters["embedding"]))
    return layers.Add()([linear(inputs, given, outputs), layers.Dense(outputs, dtype="float32")(hidden)])
