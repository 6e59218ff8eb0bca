"""Rows from CSV, Parquet and JSON files, as text or numbers, unchanged.

What a column means is found later, by `modality.table`: a first guess by a reader would depend on the first rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria.contract import ExitCode, Format
from noria_store.bounded import DAMAGED
from noria_store.error import StepError
from noria_store.store import Store
from noria_trainers.data import csv_file, json_file, parquet_file
from noria_trainers.data.file_rows import FileRows, Remark, check_names
from noria_trainers.data.format import SPOKEN
from noria_trainers.data.source import File, local

_READERS: dict[Format, Callable[[Path, str], FileRows]] = {
    Format.CSV: csv_file.read,
    Format.PARQUET: parquet_file.read,
    Format.JSON_LINES: json_file.read,
}
_DAMAGED = (*DAMAGED, pa.ArrowException, RuntimeError)
"""What readers raise of files that are damaged or encrypted."""
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows without a value."""


@dataclass(frozen=True)
class SourceRows:
    """The rows of all files. Columns are strings or numbers (int64, float64), with nulls."""

    table: pa.Table
    unreadable: dict[str, str]
    """Rows by name, with why."""
    unusable: dict[str, str]
    """Columns that are left out, with what is in them."""
    remarks: tuple[Remark, ...]
    has_header: bool
    """False where the line that should name the columns looks like an example."""
    _units: tuple[str, ...]
    """How rows of each file are called: `line`, or `FILE line`."""
    _numbers: tuple[NDArray[np.int64], ...]
    held: int = 0
    """How many of the last rows are the source's hold-out."""

    def name(self, index: int) -> str:
        """How a person finds the row: `line 17`, or `FILE line 17` where there are several files."""
        for unit, numbers in zip(self._units, self._numbers, strict=True):
            if index < len(numbers):
                return f"{unit} {numbers[index]}"
            index -= len(numbers)
        raise IndexError(index)


def read(files: Sequence[File], format_: Format, store: Store, scratch: Path) -> SourceRows:
    """All rows of all files; columns that some files lack are empty there."""
    return joined(files, [read_one(file, format_, store, scratch) for file in files])


def read_one(file: File, format_: Format, store: Store, scratch: Path) -> FileRows:
    """The rows of a file. Raises StepError where it cannot be read."""
    path = local(file, store, scratch)
    try:
        return _with_folders(_READERS[format_](path, file.name), file.name)
    except UnicodeError as error:
        message = f"{file.name} is not UTF-8: {error}; save it as UTF-8"
        raise StepError(ExitCode.BAD_DATA, "BadEncoding", message) from error
    except (*_DAMAGED, OSError) as error:
        why = str(error).strip().splitlines() or [type(error).__name__]
        message = f"{file.name} cannot be read as {SPOKEN[format_]}: {why[0]}; it may be damaged, cut off or encrypted"
        raise StepError(ExitCode.BAD_DATA, "BadFile", message) from error


def _with_folders(rows: FileRows, name: str) -> FileRows:
    """The rows with the columns that the file's folders tell, as Spark and Hive write them: `year=2024/1.parquet`; a
    column without a name is left out.
    """
    table, remarks = rows.table, rows.remarks
    if "" in (*table.column_names, *rows.unusable):
        remarks = (*remarks, Remark("NamelessColumn", f"a column of {name} has no name: left out; name it to use it"))
        table = table.drop_columns([each for each in table.column_names if not each])
    for folder in PurePosixPath(name).parts[:-1]:
        column, equals, value = folder.partition("=")
        if equals and column and unquote(column) not in (*table.column_names, *rows.unusable):
            text = None if value == _NO_VALUE else unquote(value) or None
            table = table.append_column(unquote(column), pa.array([text] * len(table), pa.string()))
    check_names(table.column_names, name)
    unusable = {column: what for column, what in rows.unusable.items() if column}
    return replace(rows, table=table, remarks=remarks, unusable=unusable)


def joined(files: Sequence[File], parts: Sequence[FileRows]) -> SourceRows:
    """The rows of the files as one table."""
    units = [
        f"{file.name} {part.unit}" if len(files) > 1 else part.unit for file, part in zip(files, parts, strict=True)
    ]
    check_names(list(dict.fromkeys(name for part in parts for name in part.table.column_names)), "all files together")
    return SourceRows(
        table=pa.concat_tables(_same_types([part.table for part in parts]), promote_options="default"),
        unreadable={
            f"{unit} {number}": why
            for unit, part in zip(units, parts, strict=True)
            for number, why in part.unreadable.items()
        },
        unusable={name: what for part in parts for name, what in sorted(part.unusable.items())},
        remarks=tuple(remark for part in parts for remark in part.remarks),
        has_header=all(part.has_header for part in parts),
        _units=tuple(units),
        _numbers=tuple(part.numbers for part in parts),
    )


def with_holdout(rows: SourceRows, held: SourceRows, name: str) -> SourceRows:
    """The rows, and after them those of their hold-out, whose names begin with `name`."""
    tables = _same_types([rows.table, held.table])
    return SourceRows(
        table=pa.concat_tables(tables, promote_options="default"),
        unreadable={**rows.unreadable, **{f"{name} {each}": why for each, why in held.unreadable.items()}},
        unusable={**rows.unusable, **held.unusable},
        remarks=(*rows.remarks, *held.remarks),
        has_header=rows.has_header and held.has_header,
        _units=(*rows._units, *(f"{name} {unit}" for unit in held._units)),
        _numbers=(*rows._numbers, *held._numbers),
        held=len(held.table),
    )


def _same_types(tables: list[pa.Table]) -> list[pa.Table]:
    """The tables with each column of one type: its own where all agree, else float64 for numbers or string."""
    kinds: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for each in table.schema:
            kinds.setdefault(each.name, set()).add(each.type)
    mixed = {name: pa.string() if pa.string() in of else pa.float64() for name, of in kinds.items() if len(of) > 1}
    return [
        table.cast(pa.schema([each.with_type(mixed.get(each.name, each.type)) for each in table.schema]), safe=False)
        for table in tables
    ]
