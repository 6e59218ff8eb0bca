"""Files of public data as Noria reads them."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

LONGEST = 20_000
"""Characters of a text."""


def write_table(out: Path, name: str, header: list[str], rows: Iterable[list[str]]) -> None:
    """`out/NAME.csv`."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / f"{name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_lines(out: Path, name: str, texts: Iterable[tuple[str, str]]) -> None:
    """`out/NAME.jsonl` with columns `text` and `label`."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / f"{name}.jsonl").open("w") as file:
        for text, label in texts:
            clean = text.encode("utf-8", "replace").decode()
            file.write(json.dumps({"text": clean[:LONGEST], "label": label}) + "\n")
