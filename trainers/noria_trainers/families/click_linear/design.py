"""Family `click-linear`: a weight for each number and each hashed category."""

from collections.abc import Mapping
from typing import Any

from noria_trainers.families.click_design import click_design
from noria_trainers.families.table import linear
from noria_trainers.modality.table.columns import Columns
from noria_trainers.training.design import Design, Problem


def design(parameters: Mapping[str, Any], problem: Problem) -> Design:
    """The network over the table's columns."""
    return click_design(parameters, problem, network)


def network(parameters: Mapping[str, Any], inputs: Columns, given: Mapping[str, Any], outputs: int) -> Any:
    """Raw outputs [b, outputs]."""
    return linear(inputs, given, outputs)
