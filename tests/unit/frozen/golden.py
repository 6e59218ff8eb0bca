"""Golden files: what a user or a step gets, held word for word. `make golden` rewrites them, to be read in review."""

import difflib
import os
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "data/frozen"


def check(name: str, found: str) -> None:
    """Fail with a diff where the file `name` holds another text."""
    path = FOLDER / name
    if os.environ.get("GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    wanted = path.read_text() if path.exists() else ""
    diff = difflib.unified_diff(wanted.splitlines(), found.splitlines(), f"{name} (golden)", f"{name} (found)", n=3)
    assert found == wanted, "\n".join(["read the difference, then `make golden`:", *diff])


def check_yaml(name: str, *documents: Any) -> None:
    """The same of plain data."""
    check(name, yaml.safe_dump_all(documents, sort_keys=True, width=120, allow_unicode=True))
