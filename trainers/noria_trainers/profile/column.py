"""What a table's columns mean: numbers, categories, texts, or nothing that helps. Called by the profile of tables."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "?", "-")
"""Besides an empty cell, what people write for a value that they do not have; in Text columns it is text."""
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_ID_NAME = re.compile(
    r"(^|[_\W])(id|ids|uuid|guid|key|index|row|row_?(id|nr|no|number))$|[a-z]I[dD]$|^Unnamed: 0$", re.IGNORECASE
)
FEW_ROWS = 20
"""With fewer rows nothing looks like an identifier."""
MOST_NOT_NUMBERS = 0.05
"""Largest share of values in a column of numbers that are none."""


@dataclass(frozen=True)
class Found:
    """A column as it was understood."""

    name: str
    type: ColumnType
    values: pa.ChunkedArray
    """float64 (Numeric) or string (else), missing values as nulls."""
    not_numbers: NDArray[np.int64]
    """Rows of a Numeric column whose value is no number and so counts as missing."""

    @property
    def is_constant(self) -> bool:
        """Whether the column says nothing: one value everywhere, or none anywhere."""
        distinct = pc.count_distinct(self.values, mode="only_valid").as_py()
        return bool(distinct == 0 or (distinct == 1 and self.values.null_count == 0))

    @property
    def is_identifier(self) -> bool:
        """Whether the column only tells rows apart: a value of its own in nearly every row, and no measurement."""
        present = len(self.values) - self.values.null_count
        if present < FEW_ROWS or self.type is ColumnType.TEXT:
            return False
        distinct = pc.count_distinct(self.values, mode="only_valid").as_py()
        if self.type is ColumnType.CATEGORICAL:
            return bool(distinct >= 0.95 * present)
        is_code = _is_whole(self.values) and (is_id_name(self.name) or _counts(self.values))
        return bool(distinct >= 0.95 * present and is_code)


def understand(name: str, raw: pa.ChunkedArray, declared: ColumnType | None) -> Found:
    """The column by its declared type, else by its values."""
    none = np.zeros(0, np.int64)
    if declared is ColumnType.TEXT:
        return Found(name, ColumnType.TEXT, as_text(raw), none)
    values, not_numbers = numbers(raw)
    if declared is ColumnType.NUMERIC or (declared is None and _is_numeric(name, values, not_numbers)):
        return Found(name, ColumnType.NUMERIC, values, not_numbers)
    text = as_text(raw)
    if declared is None and _is_prose(text):
        return Found(name, ColumnType.TEXT, text, none)
    return Found(name, ColumnType.CATEGORICAL, _known(text), none)


def _is_numeric(name: str, values: pa.ChunkedArray, not_numbers: NDArray[np.int64]) -> bool:
    """Whether nearly all values are numbers that measure something: repeated whole numbers of a `user_id` do not."""
    count = len(values) - values.null_count
    is_code = is_id_name(name) and _is_whole(values) and not _is_distinct(values)
    return count > 0 and len(not_numbers) <= MOST_NOT_NUMBERS * (count + len(not_numbers)) and not is_code


def numbers(raw: pa.ChunkedArray) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
    """The column as float64, nulls where there is no number, and the rows of values that are no numbers."""
    if not pa.types.is_string(raw.type):
        values = raw.cast(pa.float64())
        return pc.if_else(pc.is_finite(values), values, None), np.zeros(0, np.int64)
    known = _known(raw)
    is_number = pc.match_substring_regex(known, _NUMBER)
    values = pc.if_else(is_number, known, None).cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, None)
    others = pc.fill_null(pc.invert(is_number), False)
    return values, np.flatnonzero(others.to_numpy(zero_copy_only=False))


def as_text(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as strings; whole numbers without a point, so that 1.0 and 1 are the same category."""
    if pa.types.is_floating(raw.type) and _is_whole(raw):
        raw = raw.cast(pa.int64())
    return raw.cast(pa.string())


def is_id_name(name: str) -> bool:
    """Whether people call identifiers so."""
    return _ID_NAME.search(name) is not None


def _known(text: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(text)
    return pc.if_else(pc.is_in(trimmed, pa.array(MISSING)), None, trimmed)


def _is_prose(text: pa.ChunkedArray) -> bool:
    """Whether the values are mostly different and of several words."""
    present = max(1, len(text) - text.null_count)
    words = pc.mean(pc.count_substring_regex(pc.utf8_trim_whitespace(text), r"\s+")).as_py() or 0.0
    return bool(words >= 2 and pc.count_distinct(text, mode="only_valid").as_py() > 0.3 * present)


def _is_whole(values: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(values.type):
        return True
    present = pc.drop_null(values)
    inside = pc.all(pc.less(pc.abs(present), 2.0**53)).as_py()
    return len(present) > 0 and bool(inside) and bool(pc.all(pc.equal(pc.floor(present), present)).as_py())


def _is_distinct(values: pa.ChunkedArray) -> bool:
    return bool(pc.count_distinct(values, mode="only_valid").as_py() == len(values) - values.null_count)


def _counts(values: pa.ChunkedArray) -> bool:
    """Whether whole numbers count the rows: each once, without gaps."""
    ends = pc.min_max(values).as_py()
    return _is_distinct(values) and ends["max"] - ends["min"] == len(values) - values.null_count - 1
