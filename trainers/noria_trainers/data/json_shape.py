"""Which values of a JSON file are rows: those of an object inside another, or lists below a list of names.

Used by `json_file`.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

PEEKED = 5
"""Values or lines by which a file's shape is known."""
Row = dict[str, Any]
Found = tuple[int, Any, str]
"""A line, or a position in one array, the value that is there, and why it is none."""


def rows_within(found: Found) -> list[Found]:
    """Rows of a single object: below a name, as lists of columns, or as columns by row; else the object is the row."""
    whole = found[1]
    values = list(whole.values())
    if _is_split(whole):
        return _numbered([dict(zip(whole["columns"], row, strict=False)) for row in whole["data"]])
    tables = [value for value in values if isinstance(value, list) and value and isinstance(value[0], dict)]
    deeper = [] if tables else _tables_below(values)
    beside = sum(not isinstance(value, (list, dict)) for value in values)
    if len(tables + deeper) == 1:
        (rows,) = tables + deeper
        if len(rows) <= beside:  # a row that has a list of few objects in a column
            return [found]
    elif values and all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1:
        rows = [dict(zip(whole, row, strict=True)) for row in zip(*values, strict=True)]
    elif _is_by_row(whole):
        rows = values
    elif len(values) > 1 and all(isinstance(value, dict) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        rows = [{name: value.get(key) for name, value in whole.items()} for key in keys]
    else:
        return [found]
    return _numbered(rows)


def _tables_below(values: Sequence[Any]) -> list[list[Row]]:
    """Lists of several objects inside the objects among these: `{"data": {"items": [{"a": 1}, {"a": 2}]}}`."""
    inside = [each for value in values if isinstance(value, dict) for each in value.values()]
    found = [each for each in inside if isinstance(each, list) and len(each) > 1 and isinstance(each[0], dict)]
    return found or (_tables_below(inside) if inside else [])


def named(found: Iterator[Found]) -> Iterator[Found]:
    """The values, lists being rows where the first value is a list of names: `[["a", "b"], [1, 2]]`."""
    beginning = list(islice(found, PEEKED))
    names = beginning[0][1] if beginning else None
    if not isinstance(names, list) or not _are_names(names, [value for _, value, _ in beginning[1:]]):
        yield from chain(beginning, found)
        return
    for number, value, why in chain(beginning[1:], found):
        if isinstance(value, list):
            is_row = len(value) == len(names)
            row = dict(zip(names, value, strict=True)) if is_row else None
            yield number, row, why if is_row else f"a list of {len(value)}, the first has {len(names)}"
        else:
            yield number, value, why


def _are_names(names: list[Any], rows: Sequence[Any]) -> bool:
    """Whether a list names the columns of the lists that follow, and is none of them."""
    if not rows or not all(isinstance(row, list) for row in rows):
        return False
    if not names or not all(isinstance(name, str) and _is_name(name, at, rows) for at, name in enumerate(names)):
        return False
    again = any(name in row[at : at + 1] for row in rows for at, name in enumerate(names))
    return len(set(names)) == len(names) and not again


def _is_name(text: str, at: int, rows: Sequence[list[Any]]) -> bool:
    """Whether the text has a letter, or stands above numbers, as `2024` does in `["town", "2024"]`."""
    if re.search(r"[^\W\d_]", text):
        return True
    below = [row[at] for row in rows if len(row) > at and row[at] is not None]
    return bool(below) and all(isinstance(value, (int, float)) for value in below)


def _numbered(rows: Sequence[Row]) -> list[Found]:
    return [(number, row, "") for number, row in enumerate(rows, 1)]


def _is_split(whole: Row) -> bool:
    """Whether the names of the columns and the rows lie beside each other: `{"columns": ["a"], "data": [[1], [2]]}`."""
    names, rows = whole.get("columns"), whole.get("data")
    if not isinstance(names, list) or not isinstance(rows, list) or not all(isinstance(name, str) for name in names):
        return False
    return bool(rows) and all(isinstance(row, list) and len(row) == len(names) for row in rows)


def _is_by_row(whole: Row) -> bool:
    """Whether objects are rows below the rows' names, not columns: `{"0": {"a": 1}, "1": {"a": 2}}`."""
    values = list(whole.values())
    if len(values) < 2 or not all(isinstance(value, dict) and value for value in values):
        return False
    keys = dict.fromkeys(key for value in values for key in value)
    are_positions = all(key.isdecimal() for key in keys)
    return not are_positions and (all(name.isdecimal() for name in whole) or len(values) > len(keys))
