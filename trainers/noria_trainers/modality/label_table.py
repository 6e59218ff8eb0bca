"""A table beside images that gives the class of each. Used by `labelling`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from noria_store.error import StepError
from noria_trainers.data import csv_file, json_file
from noria_trainers.data.column import as_text
from noria_trainers.data.file_rows import FileRows
from noria_trainers.data.listing import Listing
from noria_trainers.wording import counted, listed

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt")
_LABEL_NAMES = ("label", "class", "category", "target", "labels", "class_name", "label_name", "classes")
"""What people call the column of labels, in lower case, the likeliest first."""
_MARKS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
"""How a column of one class says whether a row is of it."""
_PAIR = ("file", "label")
_LEAST_NAMED = 0.5
"""Share of a column's values that name files."""
_FEWEST_ROWS = 10
"""By which it is known that a column has no classes."""
_MOST_TABLES, _MOST_COLUMNS, _SAMPLE = 20, 1_000, 200


@dataclass(frozen=True)
class LabelTable:
    """A table that names files: the label of each by its name in the table, or why it gives none."""

    name: str
    labels: Mapping[str, str]
    why: str = ""

    def of(self, files: Sequence[str]) -> dict[str, str]:
        """The labels of those files that the table names."""
        index = _Index(files, PurePosixPath(self.name).parent)
        found = ((index.find(key), label) for key, label in self.labels.items())
        return {file: label for file, label in found if file is not None}


def tables(listing: Listing, files: Sequence[str], scratch: Path) -> list[LabelTable]:
    """The tables that name some of the files; those for results to be handed in do not count."""
    names = [name for name in listing.notes if name.lower().endswith(SUFFIXES) and "submission" not in name.lower()]
    found = (_read(name, listing, files, scratch) for name in names[:_MOST_TABLES])
    return [each for each in found if each is not None]


class _Index:
    """Files below a table's folder, or all where none is, by all that the table may call them: the path from any folder
    on, with or without the ending, in capitals or not."""

    def __init__(self, files: Sequence[str], folder: PurePosixPath) -> None:
        near = [file for file in files if PurePosixPath(file).is_relative_to(folder)] or list(files)
        self._by_key: dict[str, str | None] = {}
        self._in_any_case: dict[str, str | None] = {}
        for file in near:
            for key in _keys(file):
                self._by_key[key] = None if key in self._by_key else file
            for key in {key.casefold() for key in _keys(file)}:
                self._in_any_case[key] = None if key in self._in_any_case else file
        self._by_key.update((file, file) for file in near)

    def find(self, value: str) -> str | None:
        """The only file that is called so, below folders of another machine perhaps."""
        path = unquote(urlsplit(value.strip()).path) if "://" in value else value.strip()
        parts = PurePosixPath(path.replace("\\", "/")).parts
        tails = ["/".join(parts[at:]) for at in range(len(parts))]
        found = [self._by_key.get(tail) for tail in tails] + [self._in_any_case.get(tail.casefold()) for tail in tails]
        return next((file for file in found if file is not None), None)


def _keys(file: str) -> set[str]:
    path = PurePosixPath(file)
    tails = ["/".join(path.parts[at:]) for at in range(len(path.parts))]
    return {*tails, *(tail.removesuffix(path.suffix) for tail in tails)}


def _read(name: str, listing: Listing, files: Sequence[str], scratch: Path) -> LabelTable | None:
    path = scratch / f"labels{PurePosixPath(name).suffix.lower()}"
    path.write_bytes(listing.note(name))
    index = _Index(files, PurePosixPath(name).parent)
    try:
        rows = _rows(path, name, index)
    except (StepError, UnicodeError):
        return None
    table = rows.table
    if any(index.find(each) is not None for each in table.column_names[:_MOST_COLUMNS]):
        table = _without_header(table)
    columns = {each: as_text(table[each]) for each in table.column_names[:_MOST_COLUMNS]}
    shares = {each: _share(column, index) for each, column in columns.items()}
    file_column = max(shares, key=lambda each: shares[each], default="")
    if shares.get(file_column, 0) < _LEAST_NAMED:
        return None
    keys = [value or "" for value in columns.pop(file_column).to_pylist()]
    if path.suffix == ".txt" and not columns:
        return None
    labels, why = _labels(columns, rows.unusable)
    by_key = {key: label for key, label in zip(keys, labels, strict=False) if key.strip() and label}
    if len(set(zip(keys, labels, strict=False))) > len(set(keys)):
        why = "names a file in several rows with different labels"
    elif not why and not by_key:
        why = "gives no image a class"
    return LabelTable(name, {} if why else by_key, why)


def _rows(path: Path, name: str, index: _Index) -> FileRows:
    """The table's rows; of a text file also those of a path and a label with a space between, in either order, and of
    JSON those of an object of labels by file.
    """
    if path.suffix == ".json":
        return _by_file(path, name, index)
    if path.suffix in (".jsonl", ".ndjson"):
        return json_file.read(path, name)
    rows = csv_file.read(path, name)
    if path.suffix != ".txt" or len(rows.table.column_names) > 1:
        return rows
    lines = [*rows.table.column_names, *(value or "" for each in rows.table.columns for value in each.to_pylist())]
    for pairs in ([line.rsplit(None, 1) for line in lines], [line.split(None, 1)[::-1] for line in lines]):
        whole = [pair for pair in pairs if len(pair) == 2]
        found = pa.table({key: pa.array([pair[at] for pair in whole], pa.string()) for at, key in enumerate(_PAIR)})
        if whole and _share(found["file"], index) >= _LEAST_NAMED:
            return replace(rows, table=found)
    return rows


def _by_file(path: Path, name: str, index: _Index) -> FileRows:
    """The rows of a JSON array; of an object its keys and values, none if these are no files and labels."""
    none = FileRows(pa.table({}), np.zeros(0, np.int64))
    try:
        whole = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return none
    if not isinstance(whole, dict):
        rows = json_file.read(path, name)
        return none if rows.unusable else rows
    values = [value if isinstance(value, str) else json.dumps(value) for value in whole.values()]
    table = pa.table([pa.array([*whole], pa.string()), pa.array(values, pa.string())], names=_PAIR)
    are_labels = not any(isinstance(value, (list, dict)) for value in whole.values())
    return replace(none, table=table) if are_labels and _share(table["file"], index) >= _LEAST_NAMED else none


def _without_header(table: pa.Table) -> pa.Table:
    """The table whose first line is a row, not names of columns."""
    names = [f"column {number}" for number in range(1, table.num_columns + 1)]
    first = pa.table({name: [value] for name, value in zip(names, table.column_names, strict=True)})
    return pa.concat_tables([first, table.rename_columns(names)])


def _share(column: pa.ChunkedArray, index: _Index) -> float:
    """How much of the column, empty cells apart, are names of files."""
    values = [value for value in column.slice(0, _SAMPLE).to_pylist() if value]
    return sum(index.find(value) is not None for value in values) / max(1, len(values))


def _labels(columns: Mapping[str, pa.ChunkedArray], unusable: Mapping[str, str]) -> tuple[list[str], str]:
    """The label of each row, empty where there is none; and why there are none."""
    if not columns:
        held = [f"{name} ({what})" for name, what in unusable.items()]
        return [], f"holds {listed(held)} for each image" if held else "has no column beside the files' names"
    by_name = {name.strip().lower(): name for name in reversed(list(columns))}
    named = next((by_name[name] for name in _LABEL_NAMES if name in by_name), None)
    if {"xmin", "ymin"} <= by_name.keys() or "bbox" in by_name:
        return [], "holds boxes of objects"
    repeated = {name: column for name, column in columns.items() if not _is_index(column)}
    if named is None and len(repeated or columns) == 1:
        (named,) = repeated or columns
    if named is not None:
        return [(value or "").strip() for value in columns[named].to_pylist()], ""
    marks = {name: _marks(column) for name, column in repeated.items()}
    if not marks or any(each is None for each in marks.values()):
        return [], f"has several columns ({listed(columns)}), none of them named label"
    rows = [
        [name for name, mark in zip(marks, row, strict=True) if mark]
        for row in zip(*(each or [] for each in marks.values()), strict=True)
    ]
    several = sum(len(row) > 1 for row in rows)
    if several:
        return [], f"gives {counted(several, 'file')} several classes"
    return ["".join(row).strip() for row in rows], ""


def _is_index(column: pa.ChunkedArray) -> bool:
    """Whether the values of so many rows all differ: a class has several files."""
    return len(column) >= _FEWEST_ROWS and bool(pc.count_distinct(column).as_py() == len(column))


def _marks(column: pa.ChunkedArray) -> list[bool] | None:
    values = [(value or "0").strip().lower() for value in column.to_pylist()]
    return [_MARKS[value] for value in values] if all(value in _MARKS for value in values) else None
