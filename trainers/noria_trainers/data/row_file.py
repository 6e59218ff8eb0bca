"""Rows from CSV, Parquet and JSON lines, as text or numbers, unchanged.

What a column means is found later, by `modality.table`: a first guess by a reader would depend on the first rows.
"""

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from noria.contract import ExitCode, Format
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data.source import File, local

DELIMITERS = ",;\t|"
BLOCK_BYTES = 16 << 20
"""Longest row of a CSV file, in bytes."""
CHUNK_ROWS = 20_000


@dataclass(frozen=True)
class FileRows:
    """The rows of one file. `numbers` are their positions in the file, from 1, without the header."""

    table: pa.Table
    numbers: NDArray[np.int64]
    unreadable: list[int] = field(default_factory=list)
    nested: tuple[str, ...] = ()
    """Columns whose values are lists or objects; they are left out of the table."""


@dataclass(frozen=True)
class SourceRows:
    """The rows of all files. Columns are strings or numbers (int64, float64), with nulls."""

    table: pa.Table
    unreadable: tuple[str, ...]
    nested: tuple[str, ...]
    _files: tuple[str, ...]
    _numbers: tuple[NDArray[np.int64], ...]
    held: int = 0
    """How many of the last rows are the source's hold-out."""

    def name(self, index: int) -> str:
        """How a person finds the row: `row 17`, or `FILE row 17` where there are several files."""
        for file, numbers in zip(self._files, self._numbers, strict=True):
            if index < len(numbers):
                return _row_name(file, int(numbers[index]))
            index -= len(numbers)
        raise IndexError(index)


def read(files: Sequence[File], format_: Format, store: Store, scratch: Path) -> SourceRows:
    """All rows of all files; columns that some files lack are empty there."""
    reader = _READERS[format_]
    shown = [file.name if len(files) > 1 else "" for file in files]
    parts = []
    for file in files:
        try:
            parts.append(reader(local(file, store, scratch)))
        except UnicodeError as error:
            message = f"{file.uri} is not UTF-8: {error}; save it as UTF-8"
            raise StepError(ExitCode.BAD_DATA, "BadEncoding", message) from error
        except (pa.ArrowException, csv.Error, zlib.error, OSError, EOFError) as error:
            message = f"{file.uri} cannot be read as {format_}: {error}"
            raise StepError(ExitCode.BAD_DATA, "BadFile", message) from error
    unreadable = tuple(
        _row_name(file, number) for file, part in zip(shown, parts, strict=True) for number in part.unreadable
    )
    return SourceRows(
        table=pa.concat_tables(_same_types([part.table for part in parts]), promote_options="default"),
        unreadable=unreadable,
        nested=tuple(sorted({name for part in parts for name in part.nested})),
        _files=tuple(shown),
        _numbers=tuple(part.numbers for part in parts),
    )


def with_holdout(rows: SourceRows, held: SourceRows, name: str) -> SourceRows:
    """The rows, and after them those of their hold-out, whose names begin with `name`."""
    tables = _same_types([rows.table, held.table])
    return SourceRows(
        table=pa.concat_tables(tables, promote_options="default"),
        unreadable=(*rows.unreadable, *(f"{name} {each}" for each in held.unreadable)),
        nested=tuple(sorted({*rows.nested, *held.nested})),
        _files=(*rows._files, *(f"{name} {file}".strip() for file in held._files)),
        _numbers=(*rows._numbers, *held._numbers),
        held=len(held.table),
    )


def _row_name(file: str, number: int) -> str:
    return f"{file} row {number}".strip()


def _open(path: Path) -> BinaryIO:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _csv(path: Path) -> FileRows:
    bad: list[int] = []

    def note(row: Any) -> str:
        bad.append(row.number)
        return "skip"

    with _open(path) as file:
        names, delimiter = _header(file)
        try:
            table = pa_csv.read_csv(
                file,
                read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV" not in str(error):
                _raise_if_not_utf8(path)
                raise
            table = pa.table({name: pa.array([], pa.string()) for name in names})
    return FileRows(table, np.delete(np.arange(1, len(table) + len(bad) + 1), np.asarray(bad, int) - 1), bad)


def _header(file: BinaryIO) -> tuple[list[str], str]:
    """Column names and delimiter, from the first line, after which the file is left."""
    line = file.readline()
    while line.count(b'"') % 2 and (more := file.readline()):
        line += more
    head = line.decode("utf-8-sig")
    delimiter = max(DELIMITERS, key=head.count)
    given = [name.strip() for name in next(csv.reader(io.StringIO(head), delimiter=delimiter), [])]
    names = [name or f"Unnamed: {index}" for index, name in enumerate(given)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"column names must be unique, but these occur more than once: {', '.join(twice)}"
        raise StepError(ExitCode.BAD_DATA, "DuplicateColumns", message)
    return names, delimiter


def _raise_if_not_utf8(path: Path) -> None:
    with _open(path) as file:
        for line in file:
            line.decode()


def _parquet(path: Path) -> FileRows:
    table = pq.read_table(path)
    nested = tuple(field.name for field in table.schema if not _is_plain(field.type))
    table = table.drop_columns(list(nested))
    columns = {name: _plain(table[name]) for name in table.column_names}
    return FileRows(pa.table(columns), np.arange(1, len(table) + 1), nested=nested)


def _is_plain(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as int64, float64 or string."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return column.cast(pa.int64())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or kind == pa.uint64():
        return column.cast(pa.float64())
    return column.cast(pa.string())


def _json_lines(path: Path) -> FileRows:
    nested: set[str] = set()
    bad: list[int] = []
    tables, numbers = [], []
    with _open(path) as file:
        rows = _objects(file, bad)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            names = list(dict.fromkeys(name for _, row in chunk for name in row))
            columns = {name: [_text(row.get(name), name, nested) for _, row in chunk] for name in names}
            tables.append(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
            numbers += [number for number, _ in chunk]
    table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
    return FileRows(table.drop_columns(sorted(nested)), np.asarray(numbers, np.int64), bad, tuple(sorted(nested)))


def _objects(lines: Iterable[bytes], bad: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    for line in lines:
        if not line.strip():
            continue
        number += 1
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # of JSON, of UTF-8, of brackets without end
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            bad.append(number)


def _text(value: Any, name: str, nested: set[str]) -> str | None:
    if isinstance(value, str):
        return value.encode(errors="replace").decode() or None  # JSON can name characters that do not exist
    if isinstance(value, (dict, list)):
        nested.add(name)
        return None
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return json.dumps(value)


def _same_types(tables: list[pa.Table]) -> list[pa.Table]:
    """The tables with each column of one type: its own where all agree, else float64 for numbers or string."""
    kinds: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for each in table.schema:
            kinds.setdefault(each.name, set()).add(each.type)
    mixed = {name: pa.string() if pa.string() in of else pa.float64() for name, of in kinds.items() if len(of) > 1}
    return [
        table.cast(pa.schema([each.with_type(mixed.get(each.name, each.type)) for each in table.schema]))
        for table in tables
    ]


_READERS: dict[Format, Callable[[Path], FileRows]] = {
    Format.CSV: _csv,
    Format.PARQUET: _parquet,
    Format.JSON_LINES: _json_lines,
}
