"""A typical row of a table: what most rows are like in each column by itself, so that it is nobody's. For `made_up`."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.manifest import TableColumn
from noria_trainers.data.spelling import Style
from noria_trainers.modality.made_up import MadeUp
from noria_trainers.modality.table.raw import Raw

LEAST_SHARED = 5
"""A category that fewer rows have may tell who they are of."""
_WHOLE = 2.0**53
OTHER, TEXT = "other", "some words"
"""Stand for a category and a text that are not shown."""


def made_up(table: pa.Table, columns: Sequence[TableColumn]) -> MadeUp:
    """A typical row of the training rows."""
    rows = Raw(tuple(columns))
    typical = pa.table({each.name: _typical(each, table[each.name]) for each in columns})
    inputs = rows.arrays(typical)
    own = {each.name: _shown(typical[each.name][0].as_py(), inputs[rows.names[each.name]]) for each in columns}
    gaps = {name: "" if values.dtype == object else math.nan for name, values in inputs.items()}
    return MadeUp(
        inputs=inputs,
        instance=gaps | {rows.names[name]: value for name, value in own.items() if value is not None},
        note="leave the key of a missing value out; other keys are ignored",
        row={name: value for name, value in own.items() if value is not None},
        renamed={column: name for column, name in rows.names.items() if name != column},
    )


def _typical(column: TableColumn, values: pa.ChunkedArray) -> pa.Array:
    """The one value, as shards have it; null where the column has none."""
    present = pc.drop_null(values)
    if not len(present):
        return pa.nulls(1, values.type)
    match column.type:
        case ColumnType.NUMERIC:
            found: Any = _middle(present.to_numpy())
        case ColumnType.CATEGORICAL:
            found = _most_frequent(present)
        case ColumnType.TEXT:
            found = TEXT
        case _:
            found = _hour(present) if column.written.style is Style.TIME else _month(present)
    return pa.array([found], values.type)


def _middle(values: NDArray[np.float64]) -> float:
    """The median of values [n], with the digits that tell it from the quartiles; whole where they are all whole."""
    low, median, high = (float(each) for each in np.quantile(values, (0.25, 0.5, 0.75)))
    is_whole = bool((np.floor(values) == values).all())
    if low == high:
        return median
    digits = 1 - math.floor(math.log10(high - low))
    return float(round(median, min(digits, 0) if is_whole else digits))


def _most_frequent(values: pa.ChunkedArray) -> str:
    counted = pc.value_counts(values)
    words, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
    count, word = max(zip(counts, words, strict=True), key=lambda pair: (pair[0], pair[1]))
    return str(word) if count >= LEAST_SHARED else OTHER


def _month(dates: pa.ChunkedArray) -> str:
    """The first day of a middle month; dates are as in ISO 8601."""
    ordered = sorted(pc.unique(dates).to_pylist())
    return f"{ordered[len(ordered) // 2][:7]}-01"


def _hour(dates: pa.ChunkedArray) -> str:
    """A middle hour."""
    ordered = sorted(each[11:13] for each in dates.to_pylist())
    return f"{ordered[len(ordered) // 2]}:00"


def _shown(value: str | float | None, served: NDArray[np.generic]) -> str | float | None:
    """As the column writes it, [1] in `served`; a number with its 64 bits, and without a point if it is whole."""
    if isinstance(value, float) and served.dtype != object:
        return int(value) if abs(value) < _WHOLE and value == math.floor(value) else value
    return None if value is None else str(served[0])
