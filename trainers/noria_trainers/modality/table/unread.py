"""Columns that seem to hold numbers or dates that cannot be read, so that they are taken for something else.

Called where tables are read.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from noria.contract import ColumnType
from noria_trainers.data.column import MANY_MEASUREMENTS, as_text, words
from noria_trainers.data.date_style import may_be_days, may_be_moments, may_be_times, unread_date
from noria_trainers.data.gap_number import gap_number
from noria_trainers.data.quantity import quantity_among
from noria_trainers.data.spelling import NUMBER, PLAIN
from noria_trainers.data.unit import MOST_LOOKED_AT, several_units
from noria_trainers.modality.table.column_type import TypedColumn
from noria_trainers.profile.finding import Findings
from noria_trainers.wording import counted, listed

LEAST_QUANTITIES = 0.8
"""Share of quantities and numbers in a column that seems to hold such."""


def warn(findings: Findings, columns: Iterable[tuple[TypedColumn, pa.ChunkedArray]]) -> None:
    """Names the columns whose type is not declared, given with their raw values, and quotes a value of each."""
    quantities, dates, moments, days, times, mixed, others, gaps = (dict[str, str]() for _ in range(8))
    for column, raw in columns:
        present = pc.unique(pc.drop_null(words(as_text(raw.slice(0, MOST_LOOKED_AT)), PLAIN)))
        if column.type is ColumnType.NUMERIC:
            if gap := gap_number(column.values.to_numpy()):
                gaps[column.name] = str(gap)
            if len(present) >= MANY_MEASUREMENTS and may_be_moments(present):
                moments[column.name] = present[0].as_py()
            elif may_be_days(present, column.name):
                days[column.name] = present[0].as_py()
            elif may_be_times(present, column.name):
                times[column.name] = present[0].as_py()
            if not column.spelling.is_plain_number and (values := several_units(present.to_pylist())):
                mixed[column.name] = listed(values, 3)
        elif column.type in (ColumnType.CATEGORICAL, ColumnType.TEXT):
            if date := unread_date(present):
                dates[column.name] = date
            elif quantity := quantity_among(present.to_pylist(), LEAST_QUANTITIES):
                quantities[column.name] = quantity
            elif unread := _among_numbers(present):
                others[column.name] = listed(unread, 3)
    _warn(findings, quantities, "UnreadQuantities", "of quantities that are not one number in one unit", _NUMBERS)
    _warn(findings, others, "NotNumeric", "with numbers and other values", _OTHERS)
    _warn(findings, mixed, "MixedUnits", "of numbers with several currencies or percent signs", _MIXED)
    _warn(findings, gaps, "GapNumbers", "of numbers with one far from all others", _GAPS)
    _warn(findings, dates, "UnreadDates", "of what may be dates in a form that cannot be read", _DATES)
    _warn(findings, moments, "AmbiguousDates", "of numbers that may be seconds since 1970", _MOMENTS)
    _warn(findings, days, "AmbiguousDates", "of numbers that may be dates", _DAYS)
    _warn(findings, times, "AmbiguousDates", "of numbers that may be times of day", _TIMES)


def _among_numbers(present: pa.ChunkedArray) -> list[str]:
    """The other values where most of many different ones are numbers."""
    is_number = pc.match_substring_regex(present, NUMBER)
    count = pc.sum(is_number).as_py() or 0
    if count < MANY_MEASUREMENTS or not LEAST_QUANTITIES * len(present) <= count < len(present):
        return []
    return [str(value) for value in present.filter(pc.invert(is_number)).to_pylist()]


_NUMBERS = "not taken as numbers: write one a cell, all in one unit, as 12.5 or 12.5 kg, or declare a type in columns"
_OTHERS = "not taken as numbers: empty the cells that have none, or declare a type in columns"
_MIXED = "the signs are left out: convert all to one"
_GAPS = "if that stands for no value, empty these cells, else declare them Numeric in columns"
_DATES = "not taken as dates: write them as 2024-10-23, times as 14:05"
_MOMENTS = "read as numbers: declare them Date in columns if they are, else Numeric"
_TIMES = "read as numbers: write them as 14:05 if they are, else declare them Numeric in columns"
_DAYS = "read as numbers: write them as 2024-10-23 if they are, else declare them Numeric in columns"


def _warn(findings: Findings, found: dict[str, str], reason: str, what: str, cure: str) -> None:
    if found:
        named = [f"{name} ({value})" for name, value in found.items()]
        findings.warning(reason, f"{counted(len(found), 'column')} {what}: {listed(named)}; {cure}", list(found))
