"""The original's error texts: where noria-server raises each and which test asks for it, as docs/serving-errors.md.

`serving_errors.tsv` beside this file lists the texts; "…" in them is a value. The rest is read from our source and
tests, where a text may have parts in variables.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOG = ROOT / "tools" / "serving_errors.tsv"
SOURCE = ROOT / "serving" / "noria_serving" / "server"
TESTS = (ROOT / "tests" / "integration" / "serving", ROOT / "tests" / "unit" / "serving")
VALUE = "…"
_LEAST_LETTERS = 8
"""Of a text of ours that is to be told from others by what it says itself."""
Texts = Mapping[str, frozenset[str]]
"""The texts of a module by the name of the definition that has them."""


@dataclass(frozen=True)
class Error:
    """An error text of the original."""

    text: str
    places: tuple[str, ...]
    reason: str
    """Why noria-server never answers it, "" where it does."""

    def raised(self) -> list[str]:
        """The definitions of our source that have the text."""
        return [f"{path.relative_to(SOURCE)}: {name}" for path, name in self._found([SOURCE])]

    def asked(self) -> list[str]:
        """The tests that have the text."""
        return [f"{path.name}: {name}" for path, name in self._found(TESTS) if name.startswith("test_")]

    def _found(self, folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
        for path in (path for folder in folders for path in sorted(folder.rglob("*.py"))):
            for name, texts in _texts(path).items():
                if any(_is_same(self.text, text) for text in texts):
                    yield path, name


def errors() -> list[Error]:
    """The catalog."""
    lines = [line for line in CATALOG.read_text().splitlines() if not line.startswith("#")]
    return [
        Error(text.replace("\\n", "\n"), tuple(places.split()), "".join(reason))
        for places, text, *reason in (line.split("\t") for line in lines)
    ]


def _is_same(wanted: str, text: str) -> bool:
    """Whether a text of ours has the words; a value of one may stand for words of the other."""
    if _has(text, wanted.split(VALUE)):
        return True
    first, *parts = text.split(VALUE)
    if not parts or sum(map(str.isalpha, text)) < _LEAST_LETTERS or not wanted.startswith(first):
        return False
    *between, last = parts
    return wanted.endswith(last) and _has(wanted[len(first) : len(wanted) - len(last)], between)


def _has(text: str, parts: Iterable[str]) -> bool:
    """Whether a text has the parts, one after the other."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


@cache
def _texts(path: Path) -> Texts:
    """Of each top-level definition and method: its own texts, and those of what it mentions of the module.

    What raises is the function that has the text, what asks may have it in a helper.
    """
    nodes = dict(_definitions(ast.parse(path.read_text()).body))
    own = {name: frozenset(_spelled(node)) for name, node in nodes.items()}
    mentioned = {
        name for name, node in nodes.items() if SOURCE not in path.parents or not isinstance(node, ast.FunctionDef)
    }
    texts = {}
    for name, node in nodes.items():
        names = {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}
        texts[name] = own[name].union(*(own[other] for other in names & mentioned))
    return texts


def _definitions(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        match node:
            case ast.ClassDef():
                yield from _definitions(node.body)
            case ast.FunctionDef(name=name):
                yield name, node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node


def _spelled(node: ast.AST) -> Iterator[str]:
    """Every text within a node, with what its variables are set to there."""
    known: dict[str, list[str]] = {}
    for found in ast.walk(node):
        match found:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                known.setdefault(name, []).extend(_spellings(value, known))
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                known[name] = [a + b for a, b in product(known.get(name, [VALUE]), _spellings(value, known))]
    for found in ast.walk(node):
        if isinstance(found, ast.expr):
            yield from (text for text in _spellings(found, known) if text != VALUE)
    yield from (text for texts in known.values() for text in texts)


def _spellings(node: ast.expr, known: Mapping[str, list[str]]) -> list[str]:
    """What an expression may spell."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.FormattedValue(value=value):
            return _spellings(value, known)
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in product(*(_spellings(value, known) for value in values))]
        case ast.IfExp(body=body, orelse=other):
            return [*_spellings(body, known), *_spellings(other, known)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a, b in product(_spellings(left, known), _spellings(right, known))]
    return [VALUE]


def errors_page() -> str:
    """The page."""
    answered, others = [], []
    for error in errors():
        places = " ".join(error.places)
        if error.reason:
            others.append(f"| {_code(error.text)} | {places} | {error.reason} |")
        else:
            answered.append(f"| {_code(error.text)} | {places} | {error.raised()[0]} | {error.asked()[0]} |")
    return _PAGE.format(answered="\n".join(answered), others="\n".join(others))


def _code(text: str) -> str:
    shown = text.replace("\n", "\\n").replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


_PAGE = """\
# Error texts of noria-server

Generated by `make generate` from `tools/serving_errors.tsv`, our source and our tests.

noria-server tells of mistakes in the words of TensorFlow Serving, as of its commit 9d981c5c of July 2026, so that what
reads those words goes on working. `…` is a value. Paths are below `tensorflow_serving/` there, or of TensorFlow
where they begin with `tensorflow/`; modules of ours are below `serving/noria_serving/server`.

| text | of the original | raised in | asked by |
|---|---|---|---|
{answered}

## Texts that it never answers

| text | of the original | why |
|---|---|---|
{others}
"""
