"""Columns that number rows: what pandas writes of an index, or a file of its records. Used by `column_type`."""

import re

import pyarrow as pa
import pyarrow.compute as pc

_INDEX = re.compile(r"^(index|Unnamed: \d+(\.\d+)*|level_\d+|__index_level_\d+__)$")
"""What pandas calls an index that had no name."""
_NUMBERED = re.compile(r"(^|[_\W])(number|num|nr|no|idx|serial)$", re.IGNORECASE)
"""How people call the number of a record."""
MOST_JOINED = 10
"""Tables that were joined keep the index of each, so that as many rows may have one number."""
LEAST_COLLISIONS = 10
"""Where so many pairs of equal values are to be expected by chance and there is none, values number rows."""


def is_index(name: str, *, distinct: int, present: int) -> bool:
    """Whether pandas made the column: it has a name that pandas gives, and different values in most rows or tables."""
    return _INDEX.search(name) is not None and distinct * MOST_JOINED >= present


def is_row_number(name: str, values: pa.ChunkedArray) -> bool:
    """Whether whole numbers [n] number the rows, in any order, or those of a table from which rows were drawn.

    Measurements are drawn with replacement: of n values from a range of r, n²/2r pairs are equal by chance. Numbers of
    rows are all different, start near zero and have a range that such a chance rules out (the birthday problem).
    """
    present = len(values) - values.null_count
    distinct = pc.count_distinct(values, mode="only_valid").as_py()
    if _NUMBERED.search(name):
        return bool(distinct >= 0.95 * present)
    if distinct < present or not present:
        return False
    ends = pc.min_max(values).as_py()
    span = ends["max"] - ends["min"] + 1
    is_improbable = 0 <= ends["min"] < span and present**2 >= 2 * span * LEAST_COLLISIONS
    return bool(span == present or is_improbable)
