"""docs/troubleshooting.md has a row for every reason that an object can show."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from noria.contract import FailureKind
from noria_cli.reason import REASONS
from noria_trainers.profile.problem import PROBLEMS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()
ROWS = {
    reason
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for reason in re.findall(r"`(\w+)`", line.split("|")[1])
}
CAMEL = re.compile(r"[A-Z][a-z]+([A-Z][a-z]+)*")
FINDERS = {"error", "warning", "_warn", "Remark"}
"""Functions that take the reason of a problem."""
SAYING = re.compile(r"findings|Remark|reason=")


def trees(folder: str) -> Iterator[ast.AST]:
    """Every node of the modules below a folder that say reasons."""
    texts = (path.read_text() for path in (ROOT / folder).rglob("*.py"))
    return (node for text in texts if SAYING.search(text) for node in ast.walk(ast.parse(text)))


def words(nodes: list[ast.expr | None]) -> set[str]:
    """The CamelCase words among expressions."""
    values = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {value for value in values if CAMEL.fullmatch(value)}


def reasons_of(node: ast.AST) -> set[str]:
    """Reasons of problems that this node gives: to a finder, in a loop over some, or of what is left out."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in FINDERS:
            return words([*args])
        case ast.For(target=ast.Tuple(elts=targets), iter=ast.Tuple(elts=rows)):
            at = [i for i, each in enumerate(targets) if isinstance(each, ast.Name) and each.id == "reason"]
            return words([row.elts[i] for row in rows if isinstance(row, ast.Tuple) for i in at])
        case ast.Assign(targets=[ast.Name(id="_LEFT_OUT")], value=ast.Dict(keys=keys)):
            return words(keys)
    return set()


def test_every_reason_of_a_condition_has_a_row() -> None:
    assert {reason for reasons in REASONS.values() for reason in reasons} - ROWS == set()
    assert {str(kind) for kind in FailureKind} - ROWS == set()


def test_every_problem_that_a_profile_finds_has_a_row() -> None:
    found = set[str]().union(*map(reasons_of, trees("trainers/noria_trainers")))
    known = [reason for each in PROBLEMS for reason in each.reasons]
    assert len(known) == len(set(known))
    assert found == set(known)
    assert found <= ROWS


def test_no_decision_spells_a_reason_out() -> None:
    """Reasons stand beside the kinds, where test_reason finds those that are not explained."""
    spelt = {
        word
        for node in trees("operator/noria/decisions")
        if isinstance(node, ast.keyword) and node.arg == "reason"
        for word in words([node.value])
    }
    assert spelt == set()
