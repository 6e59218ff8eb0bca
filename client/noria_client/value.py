"""A value of the user's as it is sent. Used by `plan`."""

import datetime
import math
import numbers
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noria_client.error import InputError
from noria_client.metadata import KINDS, Tensor

Cell: TypeAlias = str | int | float | bytes
"""Of a row."""
Value: TypeAlias = Cell | NDArray[Any]
"""Of an input."""
_EXACT_SHORT = 2**24
"""Up to it each whole number is a float of its own."""
_EXACT = 2**53
"""Up to it each whole number is a double of its own."""
_LARGEST = 2**63


def row(given: Mapping[Any, Any]) -> dict[str, Cell]:
    """The cells of a row by column, without the missing ones. Raises InputError."""
    cells = {str(name): _cell(str(name), value) for name, value in given.items()}
    return {name: cell for name, cell in cells.items() if cell is not None}


def of_input(tensor: Tensor, given: Any) -> Value:
    """What is sent for an input of one example. Raises InputError.

    A missing number is NaN, a missing text empty, as models of tables expect it.
    """
    if tensor.rank == 0 or (tensor.is_text and np.ndim(given) == 0):
        return _scalar(tensor, given)
    if tensor.is_text:
        cells = [_scalar(tensor, each) for each in np.asarray(given, object).flat]
        return np.array(cells, object).reshape(np.shape(given))
    return cast(tensor, given)


def cast(tensor: Tensor, given: Any) -> NDArray[Any]:
    """An array of the input's type. Raises InputError where values do not fit into it."""
    kind = _dtype(tensor)
    if tensor.is_text:
        return np.asarray(given, object)
    try:
        found = np.asarray(given)
        with np.errstate(invalid="ignore", over="ignore"):
            array: NDArray[Any] = found.astype(kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"input {tensor}: {error}") from error
    if array.dtype.kind in "iu" and found.dtype.kind in "iuf" and not np.array_equal(array, found):
        raise InputError(f"input {tensor}: values are no whole numbers, or too large")
    return array


def is_missing(value: Any) -> bool:
    """Whether it stands for no value: None, NaN, and pandas' NA and NaT."""
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    return type(value).__name__ in ("NAType", "NaTType") or (
        isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value))
    )


def _cell(name: str, value: Any) -> Cell | None:
    if is_missing(value):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, numbers.Integral):
        whole = int(value)
        return whole if -_LARGEST <= whole < _LARGEST else str(whole)
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, bytes):
        return value
    if isinstance(value, Enum):
        return _cell(name, value.value)
    if (text := _text(value)) is not None:
        return text
    raise InputError(
        f"column {name!r}: a cell is a text or a number, not {type(value).__name__}: send one value a cell"
    )


def _number(value: float) -> Cell:
    """A server reads numbers with a point in 32 bits and whole numbers in 64: 16777217.0 has to go as the latter.

    Others keep their point, since some models take nothing else for a column.
    """
    fits = abs(value) < _EXACT_SHORT
    return int(value) if not fits and value.is_integer() and abs(value) <= _EXACT else value


def _text(value: Any) -> str | None:
    """Of a date, a time or a decimal."""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]")).replace("T", " ")
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else None


def _scalar(tensor: Tensor, given: Any) -> Cell:
    if tensor.is_text:
        found = "" if is_missing(given) else _cell(tensor.name, given)
        return found if isinstance(found, str | bytes) else str(found)
    if is_missing(given) and np.dtype(_dtype(tensor)).kind == "f":
        return math.nan
    sent: Cell = cast(tensor, given).item()
    return sent


def _dtype(tensor: Tensor) -> Any:
    if tensor.dtype not in KINDS:
        raise InputError(f"input {tensor}: inputs of this type cannot be sent; ask by another signature=...")
    return KINDS[tensor.dtype][1]


def columns_as_rows(columns: Mapping[Any, Iterable[Any]]) -> Iterator[dict[str, Any]]:
    """A row for each place in the columns. Raises InputError where they differ in length."""
    names = [str(name) for name in columns]
    if len(set(names)) < len(names):
        raise InputError("two columns have the same name: rename one")
    try:
        for cells in zip(*columns.values(), strict=True):
            yield dict(zip(names, cells, strict=True))
    except ValueError as error:
        raise InputError("the columns have different lengths") from error
