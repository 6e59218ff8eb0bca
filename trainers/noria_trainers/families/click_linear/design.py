"""Family `click-linear`: a weight for each number and each hashed category."""

from typing import Any

from noria_trainers.families.click_design import click_design
from noria_trainers.families.table import linear
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Parameters, Problem, Tensors


def design(parameters: Parameters, problem: Problem) -> Design:
    """The network over the table's columns."""
    return click_design(parameters, problem, network)


def network(parameters: Parameters, inputs: Columns, given: Tensors, outputs: int) -> Any:
    """Raw outputs [b, outputs]."""
    return linear(inputs, given, outputs)
