"""What one module says or does, no other one does as well: read from the source, module by module."""

import ast
from collections.abc import Iterator
from pathlib import Path

from noria.contract import FailureKind, place

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("operator/noria", "store/noria_store", "trainers/noria_trainers", "serving/noria_serving", "cli/noria_cli"),
    "client/noria_client",
)


def texts(*, but: str) -> Iterator[tuple[str, str]]:
    """Path and value of every string in the source, with the pieces of f-strings and without docstrings."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            if place != but:
                yield from ((place, text) for text in _strings(parsed(path)))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _strings(tree: ast.Module) -> Iterator[str]:
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def test_kinds_of_failure_stand_in_one_module() -> None:
    found = {(path, text) for path, text in texts(but="operator/noria/contract/failure.py") if text in set(FailureKind)}
    assert not found


def test_the_layout_of_the_bucket_stands_in_one_module() -> None:
    files = {value for name, value in vars(place).items() if name.isupper()}
    folders, parts = ("datasets/", "runs/"), {"experience", "profiles"}
    found = {
        (path, text)
        for path, text in texts(but="operator/noria/contract/place.py")
        if text.rpartition("/")[2] in files or parts & {*text.split("/")} or any(folder in text for folder in folders)
    }
    assert not found


def test_fields_are_replaced_by_the_function_that_knows_their_names() -> None:
    copying = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if any(isinstance(node, ast.Attribute) and node.attr == "model_copy" for node in ast.walk(parsed(path)))
    }
    assert copying == {"operator/noria/contract/shape.py"}
