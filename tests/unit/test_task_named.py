"""A task is named where it is defined and where a family is willing: read from the source.

Everything else asks the table, so that a further task is no branch that somebody may forget.
"""

import ast
from pathlib import Path

import pytest

from noria.contract import Task

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("operator/noria", "store/noria_store", "trainers/noria_trainers", "serving/noria_serving", "cli/noria_cli"),
    "client/noria_client",
)
MAY_NAME_TASKS = (
    "operator/noria/contract/task.py",
    "trainers/noria_trainers/families/",
)


def named(source: str) -> list[str]:
    """Members of Task in a module, by attribute or by value."""
    nodes = list(ast.walk(ast.parse(source)))
    attributes = [node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr in Task.__members__]
    return attributes + [node.value for node in nodes if isinstance(node, ast.Constant) and node.value in set(Task)]


def test_no_other_module_names_a_task() -> None:
    places = {
        str(path.relative_to(ROOT)): found
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if (found := named(path.read_text())) and not str(path.relative_to(ROOT)).startswith(MAY_NAME_TASKS)
    }
    assert not places


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("if task is Task.TABULAR_REGRESSION: pass", id="a member"),
        pytest.param("if task == 'ClickThroughRate': pass", id="a value"),
    ],
)
def test_a_branch_on_a_task_is_seen(source: str) -> None:
    assert named(source)
