"""Rows of a JSON file, as text: an object per line, one array of objects, objects one after another, or columns.

Used by `row_file`.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa

from noria.contract import ExitCode
from noria_store.error import StepError
from noria_trainers.data.encoding import is_damaged, open_text
from noria_trainers.data.file_rows import LONGEST, FileRows, check_names
from noria_trainers.data.json_shape import PEEKED, Found, Row, named, rows_within
from noria_trainers.wording import listed

CHUNK_ROWS = 20_000
MOST_CHARACTERS = 1 << 30
"""Of a file that is not one object per line, which is read as a whole."""
_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*")
_KINDS = {list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}


@dataclass
class _Columns:
    """Every column that some row has, filled chunk by chunk."""

    file: str
    names: dict[str, None] = field(default_factory=dict)
    nested: dict[str, str] = field(default_factory=dict)
    chunks: list[pa.Table] = field(default_factory=list)

    def add(self, rows: Sequence[Row]) -> None:
        """A chunk of rows."""
        present = dict.fromkeys(name for row in rows for name in row)
        self.names.update(present)
        check_names(list(self.names), self.file)
        values = {_sound(name): [self._text(row.get(name), name) for row in rows] for name in present}
        self.chunks.append(pa.table({name: pa.array(each, pa.string()) for name, each in values.items()}))

    def _text(self, value: Any, name: str) -> str | None:
        if isinstance(value, str):
            return _sound(value) or None
        if isinstance(value, (dict, list)):
            self.nested[_sound(name)] = "lists" if isinstance(value, list) else "objects"
            return None
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        return json.dumps(value)

    def table(self) -> pa.Table:
        """All rows, without the columns that hold lists or objects."""
        table = pa.concat_tables(self.chunks, promote_options="default") if self.chunks else pa.table({})
        return table.drop_columns([name for name in self.nested if name in table.column_names])


def read(path: Path, file: str) -> FileRows:
    """All rows; `file` is how to call it. Raises StepError where it holds none."""
    text, remarks = open_text(path, file)
    columns, unreadable, numbers = _Columns(file), dict[int, str](), list[int]()

    def readable(found: Iterator[Found]) -> Iterator[Row]:
        for number, value, why in found:
            if isinstance(value, dict) and value:
                numbers.append(number)
                yield value
            else:
                unreadable[number] = why or _kind(value)

    with text:
        unit, found = _values(text, file)
        rows = readable(named(found))
        while chunk := list(islice(rows, CHUNK_ROWS)):
            columns.add(chunk)
    _refuse_export(columns, file)
    return FileRows(
        table=columns.table(),
        numbers=np.asarray(numbers, np.int64),
        unit=unit,
        unreadable=unreadable,
        unusable=columns.nested,
        remarks=remarks,
    )


def _sound(text: str) -> str:
    """The text without characters that do not exist, which JSON can name."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _kind(value: Any) -> str:
    """Why the value is no row."""
    if isinstance(value, dict):
        return "an empty object"
    return f"{_KINDS.get(type(value), 'null')}, not an object with names and values"


def _values(text: TextIO, file: str) -> tuple[str, Iterator[Found]]:
    """The values of the file that should be rows, by `line` or, where several may be in one, by `row`."""
    first = list(islice((line for line in iter(lambda: text.readline(LONGEST), "") if line.strip()), PEEKED))
    text.seek(0)
    begin = "".join(first[:1]).lstrip()[:1]
    if begin not in ("[", "{") or any(map(_is_object, first)) or (len(first) > 1 and all(map(_is_list, first))):
        return _one_or_lines(text, file)
    content = text.read(MOST_CHARACTERS + 1)
    if len(content) > MOST_CHARACTERS:
        message = f"{file} is one JSON value of more than {MOST_CHARACTERS >> 30} GiB"
        raise StepError(ExitCode.BAD_DATA, "TooLarge", f"{message}: save it as JSON lines, one object per line")
    return "row", iter(_sequence(content))


def _is_object(line: str) -> bool:
    return isinstance(_whole(line), dict)


def _is_list(line: str) -> bool:
    return isinstance(_whole(line), list)


def _whole(line: str) -> Any:
    """The value that the line is; none where it is no value."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _one_or_lines(text: TextIO, file: str) -> tuple[str, Iterator[Found]]:
    """An object per line; a file of a single one may hold columns, or rows below a name."""
    lines = ((number, line) for number, line in enumerate(iter(lambda: text.readline(LONGEST + 1), ""), 1))
    found = (each for number, line in lines for each in _line(number, line, file))
    beginning = list(islice(found, 2))
    if len(beginning) == 1 and isinstance(beginning[0][1], dict):
        return "row", iter(rows_within(beginning[0]))
    return "line", chain(beginning, found)


def _line(number: int, line: str, file: str) -> Iterator[Found]:
    if len(line) > LONGEST:
        message = f"line {number} of {file} is longer than {LONGEST >> 20} MiB"
        raise StepError(ExitCode.BAD_DATA, "LongLine", f"{message}: is it JSON lines, an object per line?")
    if not line.strip():
        return
    if is_damaged(line):
        yield number, None, "not UTF-8"
        return
    try:
        yield number, json.loads(line), ""
    except (ValueError, RecursionError) as error:  # of JSON, of numbers or brackets without end
        yield number, None, _why(error)


def _sequence(content: str) -> list[Found]:
    """The values of one array, or those that follow each other; what comes after a broken one is lost."""
    is_array = content.lstrip().startswith("[")
    at, found = (content.index("[") + 1 if is_array else 0), list[Found]()
    while True:
        at = _BETWEEN.match(content, at).end()  # type: ignore[union-attr]  # it matches the empty text
        if at >= len(content) or (is_array and content[at] == "]"):
            break
        try:
            value, at = _DECODER.raw_decode(content, at)
        except (ValueError, RecursionError) as error:
            found.append((len(found) + 1, None, f"{_why(error)}; what follows is lost"))
            break
        found.append((len(found) + 1, value, ""))
    if len(found) == 1 and not is_array and isinstance(found[0][1], dict):
        return rows_within(found[0])
    return found


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg}, line {error.lineno} column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number of too many digits"


def _refuse_export(columns: _Columns, file: str) -> None:
    """An annotation tool's own format holds tasks, not rows."""
    if {"data", "annotations"} <= columns.nested.keys():
        message = f"{file} is a full export of Label Studio, whose rows are objects ({listed(sorted(columns.nested))})"
        raise StepError(ExitCode.BAD_DATA, "OtherKind", f"{message}: export JSON-MIN or CSV instead")
