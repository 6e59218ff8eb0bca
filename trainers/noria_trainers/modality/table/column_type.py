"""What a table's columns mean: numbers, categories, texts, or nothing that helps. Called where tables are read."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria.contract import ColumnType
from noria_trainers.data.column import as_text, is_exact, is_gap, is_whole, numbers, words
from noria_trainers.data.date_style import date_style, dates, is_time_name, number_date_style
from noria_trainers.data.manifest import TableColumn
from noria_trainers.data.number_style import NumberStyle
from noria_trainers.data.spelling import PLAIN, Spelling, Style
from noria_trainers.data.word_style import word_spelling
from noria_trainers.modality.table.row_number import is_index, is_row_number

_ID_NAME = re.compile(r"(^|[_\W])(id|ids|uuid|guid|key|index|row|row_?(id|nr|no|number))$|[a-z]I[dD]$", re.IGNORECASE)
FEW_ROWS = 20
"""With fewer rows nothing looks like an identifier."""
MOST_NOT_NUMBERS = 0.05
"""Largest share of values in a column of numbers that are none, where these are different words."""


@dataclass(frozen=True)
class TypedColumn:
    """A column as it was understood."""

    name: str
    type: ColumnType
    values: pa.ChunkedArray
    """float64 (Numeric) or string (else), missing values as nulls."""
    unfit: NDArray[np.int64]
    """Rows whose value is not a number or date as the others and so counts as missing, as indices."""
    spelling: Spelling = PLAIN
    """How the values are written."""
    doubtful: str | None = None
    """A value that may be meant as another number or date."""

    @property
    def is_constant(self) -> bool:
        """Whether the column carries no information: one value everywhere, or none anywhere."""
        distinct = pc.count_distinct(self.values, mode="only_valid").as_py()
        return bool(distinct == 0 or (distinct == 1 and self.values.null_count == 0))

    @property
    def is_identifier(self) -> bool:
        """Whether the column only identifies rows: a different value in nearly every row, and not a measurement."""
        present = len(self.values) - self.values.null_count
        if present < FEW_ROWS or self.type in (ColumnType.TEXT, ColumnType.DATE):
            return False
        distinct = pc.count_distinct(self.values, mode="only_valid").as_py()
        if is_index(self.name, distinct=distinct, present=present):
            return self.type is ColumnType.CATEGORICAL or is_whole(self.values)
        if self.type is ColumnType.CATEGORICAL:
            return bool(distinct >= 0.95 * present)
        is_code = is_id_name(self.name) and distinct >= 0.95 * present
        return is_whole(self.values) and (is_code or is_row_number(self.name, self.values))


def understand(name: str, raw: pa.ChunkedArray, declared: ColumnType | None, style: NumberStyle) -> TypedColumn:
    """The column by its declared type, else by its values; `style` is that of its numbers."""
    none = np.zeros(0, np.int64)
    if declared is ColumnType.TEXT:
        return TypedColumn(name, ColumnType.TEXT, as_text(raw), none)
    spelling = style.spelling
    is_time = declared is ColumnType.DATE or is_time_name(name)
    date = number_date_style(raw, is_time=is_time) if declared in (None, ColumnType.DATE) else None
    if date is not None:
        return TypedColumn(name, ColumnType.DATE, *dates(raw, date.spelling), date.spelling)
    values, not_numbers = numbers(raw, spelling)
    may_be_number = declared is None and is_exact(raw)
    if declared is ColumnType.NUMERIC or (may_be_number and _is_numeric(name, values, raw.take(not_numbers))):
        return TypedColumn(name, ColumnType.NUMERIC, values, not_numbers, spelling, style.doubtful)
    date = date_style(raw) if declared in (None, ColumnType.DATE) else None
    if date is not None or declared is ColumnType.DATE:
        spelling = date.spelling if date else Spelling(style=Style.YEAR_FIRST)
        return TypedColumn(name, ColumnType.DATE, *dates(raw, spelling), spelling, date.doubtful if date else None)
    text = as_text(raw)
    if declared is None and _is_prose(text):
        return TypedColumn(name, ColumnType.TEXT, text, none)
    spelling = word_spelling(raw)
    return TypedColumn(name, ColumnType.CATEGORICAL, words(text, spelling), none, spelling)


def read_as(column: TableColumn, raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values as an earlier profile understood the column."""
    if column.type is ColumnType.NUMERIC:
        return numbers(raw, column.written)[0]
    if column.type is ColumnType.DATE:
        return dates(raw, column.written)[0]
    text = as_text(raw)
    return text if column.type is ColumnType.TEXT else words(text, column.written)


def _is_numeric(name: str, values: pa.ChunkedArray, others: pa.ChunkedArray) -> bool:
    """Whether nearly all values, or all but a word for gaps, are numbers that measure something: repeated whole
    numbers of a `user_id` do not.
    """
    count = len(values) - values.null_count
    if not count or (is_id_name(name) and is_whole(values) and not _is_distinct(values)):
        return False
    return len(others) <= MOST_NOT_NUMBERS * (count + len(others)) or is_gap(others, values)


def is_id_name(name: str) -> bool:
    """Whether people call identifiers so."""
    return _ID_NAME.search(name) is not None


def _is_prose(text: pa.ChunkedArray) -> bool:
    """Whether the values are mostly different and of several words."""
    present = max(1, len(text) - text.null_count)
    length = pc.mean(pc.count_substring_regex(pc.utf8_trim_whitespace(text), r"\s+")).as_py() or 0.0
    return bool(length >= 2 and pc.count_distinct(text, mode="only_valid").as_py() > 0.3 * present)


def _is_distinct(values: pa.ChunkedArray) -> bool:
    return bool(pc.count_distinct(values, mode="only_valid").as_py() == len(values) - values.null_count)
