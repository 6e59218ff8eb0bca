"""What the source says of itself: who uses a module, the shapes of arrays, and no `assert` where a type should hold."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef
PRODUCT = ("operator", "store", "trainers", "serving", "cli", "client")
ARRAY = re.compile(r"\b(NDArray|ndarray|Tensor)\b")
SHAPE = re.compile(r"\[[\w .,+*×…-]*\w[\w .,+*×…-]*\]")
CLAIM = re.compile(
    r"\b(?:called|used|asked|read|made|run|built)(?: only)? by (?P<names>`[\w.]+`(?:(?:,? and |, )`[\w.]+`)*)", re.I
)
VAGUE = re.compile(r"(?:\b(?:Called|Used|Asked)|; (?:called|used|asked))(?: only)? by (?!`)[^.;]*")


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of ours by its dotted name."""
    folders = [ROOT / folder for folder in (*PRODUCT, "tools", "benchmarks", "tests")]
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for folder in folders
        for path in folder.rglob("*.py")
    }


def imported(name: str) -> set[str]:
    """What a module imports, also inside functions: modules, and what it takes from them."""
    found: set[str] = set()
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def is_used(name: str, by: str) -> bool:
    """Whether a module, or one of a package's, imports a module; `by` is the last parts of the user's name."""
    users = [user for user in trees() if f".{by}." in f".{user}."]
    return any(name in imported(user) for user in users)


def product() -> Iterator[tuple[str, ast.Module]]:
    """The product's files, by path."""
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def aliases() -> set[str]:
    """The trainers' own names for types of arrays."""
    assigned = (
        (node.targets[0], node.value)
        for name, tree in trees().items()
        if name.startswith("noria_trainers")
        for node in tree.body
        if isinstance(node, ast.Assign)
    )
    return {
        target.id
        for target, value in assigned
        if isinstance(target, ast.Name) and isinstance(value, ast.Subscript) and ARRAY.search(ast.unparse(value))
    }


def functions(tree: ast.AST, prefix: str = "", about: str = "") -> Iterator[tuple[str, Function, str]]:
    """The public functions and methods of a module, each with what is said of it, also of its class."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        text = ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.", text)
        else:
            shared = [about for each in node.args.args if re.search(rf"\b{each.arg}\b`? \[", about, re.I)]
            yield f"{prefix}{node.name}", node, " ".join([text, *shared])


def types(function: Function) -> str:
    """The annotations of a function's signature."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = [each.annotation for each in given if each is not None] + [function.returns]
    return " ".join(ast.unparse(each) for each in found if each is not None)


def test_who_is_said_to_use_a_module_imports_it() -> None:
    wrong = []
    for name, tree in trees().items():
        text = " ".join((ast.get_docstring(tree) or "").split())
        claimed = [user for claim in CLAIM.finditer(text) for user in re.findall(r"`([\w.]+)`", claim["names"])]
        wrong += [f"{name}: `{user}` does not import it" for user in claimed if not is_used(name, user)]
        wrong += [f"{name}: name the module in '{claim[0]}', or drop it" for claim in VAGUE.finditer(text)]
    assert not wrong, "\n".join(wrong)


def test_public_functions_on_arrays_name_shapes() -> None:
    array = re.compile(rf"\b({'|'.join(['NDArray', 'ndarray', 'Tensor', *aliases()])})\b")
    silent = [
        f"{module}.{name}"
        for module, tree in trees().items()
        if module.startswith("noria_trainers")
        for name, function, text in functions(tree)
        if array.search(types(function)) and not SHAPE.search(text)
    ]
    assert not silent, "\n".join(silent)


def test_no_type_is_asserted() -> None:
    found = [
        f"{path}:{node.lineno}" for path, tree in product() for node in ast.walk(tree) if isinstance(node, ast.Assert)
    ]
    assert not found, "\n".join(found)
