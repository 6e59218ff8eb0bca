"""Tables as people make them, by a seed: names, types, gaps, spellings, formats and tasks vary."""

import csv
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from noria.contract import Task

MARK = "mark"
"""A plain column that tells the rows apart."""
ROWS = 240
GAPS = ("", "", "NA", "N/A", "null", "?", "-", "None", " ")
NAMES = (
    "Größe (cm)",
    "created_at",
    "self",
    "price ($)",
    "価格",
    "class",
    "a b",
    "_x",
    "x.1",
    "Unit",
    "unit",
    "1st",
    "in",
)
DAY = datetime(2023, 1, 1, tzinfo=UTC)
Cell = Callable[[random.Random], Any]
WORDS = ("Ship", "moon", "  tide", "caf\u00e9", "N/A", "\u6d77", "null", "100%", "wind,", "l'eau", "\ttab")
WIDE = {ord(digit): chr(0xFF10 + int(digit)) for digit in "0123456789"}
MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
WHITE = ("", "", " ", "\u00a0", "\u3000")


@dataclass(frozen=True)
class Table:
    """Rows as they lie in a file: texts in CSV, else texts, numbers, truth values, dates or None."""

    path: Path
    task: Task
    rows: list[dict[str, Any]]
    target: str = "label"


def make(seed: int, folder: Path) -> Table:
    """The table of the seed, in a file below the folder."""
    rng = random.Random(seed)
    task = rng.choice(list(TASKS))
    format_ = rng.choice(("csv", "csv", "tsv", "semicolon", "jsonl", "array", "parquet"))
    names, kinds = rng.sample(NAMES, 4), rng.choices(list(KINDS), k=4)
    makers = [KINDS[kind](rng) for kind in kinds]
    rows = []
    for index in range(ROWS):
        row: dict[str, Any] = {MARK: index + 0.5}
        row |= {name: make_cell(rng) for name, make_cell in zip(names, makers, strict=True)}
        if task is Task.TEXT_CLASSIFICATION:
            row["text"] = f"{rng.choice(WHITE)}{' '.join(rng.choices(WORDS, k=6))} {index}{rng.choice(WHITE)}"
        rows.append(row | {"label": TASKS[task](rng)})
    if format_ in ("csv", "tsv", "semicolon"):
        rows = [{name: "" if value is None else _text(value) for name, value in row.items()} for row in rows]
    return Table(_written(format_, rows, folder, rng), task, rows)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _written(format_: str, rows: list[dict[str, Any]], folder: Path, rng: random.Random) -> Path:
    if format_ == "parquet":
        path = folder / "table.parquet"
        pq.write_table(pa.table({name: [row[name] for row in rows] for name in rows[0]}), path)
        return path
    if format_ == "jsonl":
        name, text = "table.jsonl", "\n".join(json.dumps(row, default=str) for row in rows)
    elif format_ == "array":
        name, text = "table.json", json.dumps(rows, default=str, indent=rng.choice((None, 2)))
    else:
        name, text = _delimited(format_, rows, rng)
    return _packed(folder / name, text.encode(), rng.choice(("", "", ".gz", ".zip")))


def _packed(path: Path, content: bytes, kind: str) -> Path:
    """The content in a file, or in a compressed one beside it."""
    packed = path.with_name(path.name + kind)
    if kind == ".zip":
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.name, content)
    else:
        packed.write_bytes(gzip.compress(content) if kind else content)
    return packed


def _delimited(format_: str, rows: list[dict[str, Any]], rng: random.Random) -> tuple[str, str]:
    delimiter = {"csv": ",", "tsv": "\t", "semicolon": ";"}[format_]
    page = io.StringIO()
    writer = csv.DictWriter(page, list(rows[0]), delimiter=delimiter, lineterminator=rng.choice(("\n", "\r\n")))
    writer.writeheader()
    writer.writerows(rows)
    return "table.tsv" if format_ == "tsv" else "table.csv", rng.choice(("", "\ufeff")) + page.getvalue()


def _gapped(cell: Cell, rng: random.Random, gaps: tuple[Any, ...] = GAPS) -> Cell:
    """Some cells empty, or filled with what people write there."""
    gap, share = rng.choice(gaps), rng.choice((0, 0.1))
    return lambda rng: gap if rng.random() < share else cell(rng)


def _grouped(value: float, group: str, mark: str) -> str:
    return f"{value:,.2f}".replace(",", "\x00").replace(".", mark).replace("\x00", group)


def _money(before: str, group: str, mark: str, after: str) -> Callable[[random.Random], Cell]:
    def kind(rng: random.Random) -> Cell:
        return _gapped(lambda rng: f"{before}{_grouped(rng.lognormvariate(6, 1.5), group, mark)}{after}", rng)

    return kind


def _words(*choices: Any) -> Callable[[random.Random], Cell]:
    return lambda rng: _gapped(lambda rng: rng.choice(choices), rng, gaps=(None, "NA", "?", " "))


def _native(cell: Cell) -> Callable[[random.Random], Cell]:
    return lambda rng: _gapped(cell, rng, gaps=(None,))


def _dated(form: str) -> Callable[[random.Random], Cell]:
    return lambda rng: _gapped(lambda rng: _moment(rng).strftime(form), rng)


def _moment(rng: random.Random) -> datetime:
    return DAY + timedelta(minutes=rng.randrange(800 * 1440))


def _day(rng: random.Random) -> date:
    return _moment(rng).date()


def _in_spanish(rng: random.Random) -> str:
    moment = _moment(rng)
    return f"{moment.day} de {MONTHS[moment.month - 1]} de {moment.year}"


def _accounting(rng: random.Random) -> str:
    value = rng.gauss(0, 3000)
    return f"({-value:,.1f})" if value < 0 else f"{value:,.1f}"


KINDS: dict[str, Callable[[random.Random], Cell]] = {
    "float": _native(lambda rng: round(rng.gauss(0, 10), 3)),
    "tiny and huge": _native(lambda rng: rng.gauss(0, 1) * 10 ** rng.randint(-30, 30)),
    "integer": _native(lambda rng: rng.randrange(100)),
    "integers beyond 32 bits": _native(lambda rng: 2**40 + rng.randrange(1000)),
    "truth": _native(lambda rng: rng.random() < 0.5),
    "number as text": lambda rng: _gapped(lambda rng: f" {rng.gauss(0, 10):+.2e}", rng),
    "dollars": _money("$", ",", ".", ""),
    "thousands": _money("", ",", ".", ""),
    "euros": _money("", ".", ",", " €"),
    "decimal comma": _money("", "", ",", ""),
    "apostrophes": _money("CHF ", "'", ".", ""),
    "narrow spaces": _money("-", "\u202f", ",", ""),
    "kilograms": lambda rng: _gapped(lambda rng: f"{rng.lognormvariate(4, 1):,.1f} kg", rng),
    "minutes": lambda rng: _gapped(lambda rng: f"{(n := rng.randrange(1, 90))} min{'s' if n > 1 else ''}", rng),
    "magnitudes": lambda rng: _gapped(lambda rng: f"{rng.lognormvariate(2, 1):.1f}{rng.choice(('', 'k', 'M'))}", rng),
    "full width": lambda rng: _gapped(lambda rng: f"{rng.randrange(9999)}".translate(WIDE), rng),
    "percent": lambda rng: _gapped(lambda rng: f"{rng.random() * 100:.1f} %", rng),
    "accounting": lambda rng: _gapped(_accounting, rng),
    "colours": _words("red", " red", "green ", "blue", "BLUE"),
    "countries": _words("US", "DE", "NA", "FR"),
    "signs": _words("+", "-"),
    "truth as text": _words("True", "true", "FALSE"),
    "unicode": _words("\u00e9t\u00e9", "e\u0301te\u0301", "\u8d64", "\u00a0x", "na\u00efve\u3000"),
    "codes": _words("007", "7", "07", "x-9"),
    "numbers as categories": _words("A", "1.0", "1", "2.50"),
    "ISO dates": _dated("%Y-%m-%d %H:%M:%S"),
    "German dates": _dated("%d.%m.%Y"),
    "American dates": _dated("%m/%d/%Y %I:%M %p"),
    "dates by name": _dated("%d %b %Y"),
    "dates in Spanish": lambda rng: _gapped(_in_spanish, rng),
    "dates of Oracle": _dated("%d-%b-%y"),
    "compact dates": _dated("%Y%m%d"),
    "months of years": _dated("%Y-%m"),
    "times": _dated("%H:%M"),
    "times of twelve hours": _dated("%I:%M:%S %p"),
    "seconds since 1970": _native(lambda rng: int(_moment(rng).timestamp())),
    "days": _native(_day),
    "moments": _native(_moment),
    "notes": lambda rng: _gapped(lambda rng: " ".join(rng.choices(WORDS, k=rng.randint(3, 9))), rng),
}
TASKS: dict[Task, Cell] = {
    Task.TABULAR_CLASSIFICATION: lambda rng: rng.choice(("Yes", "no ", "NA")),
    Task.TABULAR_REGRESSION: lambda rng: f"${rng.lognormvariate(6, 1.5):,.2f}",
    Task.CLICK_THROUGH_RATE: lambda rng: rng.choice((True, False)),
    Task.TEXT_CLASSIFICATION: lambda rng: rng.choice((1, 2, 3)),
}
