"""What commands print, held word for word; only times, names of buckets and paths differ from run to run."""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "data/cli"
_MASKS = (
    (r"\btest-[0-9a-f]{12}\b", "BUCKET"),
    (r"/tmp/\S+/", "FOLDER/"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\b\d+d\d+h\b|\b\d+d\b", "AGE"),
)


def check(name: str, found: str) -> None:
    """Fail where the file `name` holds another text; GOLDEN=1 rewrites it, to be read in review."""
    for pattern, word in _MASKS:
        found = re.sub(pattern, word, found)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    assert found == path.read_text(), f"read the difference, then GOLDEN=1: {name}"
