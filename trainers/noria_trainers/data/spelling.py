"""How the values of a column are written in a source: found over all of them, and read alike by the served graph.

A spelling is a list of rewrites by regular expression (RE2's, which Arrow and TensorFlow share) that bring a value as
it lies in the file to its canonical form. `data.column` applies them to columns, `modality.table.spelled` in the graph.
Canonical words are left as they are.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Literal

from noria.contract import Shape
from noria_trainers.data.date_rewrite import compact, day, epoch, named, numbered, time_of_day
from noria_trainers.data.number_rewrite import MAGNITUDES, people_numbers, without_unit
from noria_trainers.data.rewrite import SPACE, Rewrite

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "?", "-")
"""Besides an empty cell, what people write for a value that they do not have; in Text columns it is text."""
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
"""A canonical number."""
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$"
"""A canonical date with its time."""


class Style(StrEnum):
    """A way to write values."""

    PLAIN = "Plain"
    """Numbers as programs write them, or words."""
    BOOLEAN = "Boolean"
    """Categories: `True`, `true` and 1 are the same."""
    CODE = "Code"
    """Categories that are numbers: 1, 1.0 and `+1` are the same."""
    POINT = "Point"
    """Numbers as people write them: `1,234.5`, `$5`, `40.2%`, `(5)`."""
    COMMA = "Comma"
    """The same with a decimal comma: `1.234,5`, `5 €`."""
    EITHER = "Either"
    """The same in a column that has both marks before decimals: `3,14` and `3.14`."""
    YEAR_FIRST = "YearFirst"
    """Dates: `2024-10-23`, `2024/10/23 14:05`, `2024-10`, `2024年10月23日`, `2024-Q4`."""
    DAY_FIRST = "DayFirst"
    """Dates: `23.10.2024`, `23/10/24 2:05 pm`; also with the year first."""
    MONTH_FIRST = "MonthFirst"
    """Dates: `10/23/2024`; also with the year first."""
    MONTH_NAME = "MonthName"
    """Dates with the name of a month: `23 Oct 2024`, `October 23, 2024`, `23 de octubre de 2024`."""
    TIME = "Time"
    """Times of day: `14:30`, `2:30 PM`; dates of the first day of 2000."""
    COMPACT = "Compact"
    """Dates without marks: `20241023`, `20241023T1405`."""
    EPOCH = "Epoch"
    """Seconds since 1970, or thousandths, millionths or billionths of one."""


class Spelling(Shape):
    """How the values of one column are written."""

    style: Style = Style.PLAIN
    values: tuple[str, ...] = ()
    """Those of `MISSING` that are values in this column."""
    unit: str | None = None
    """What stands behind numbers: `kg` in `12.5 kg`."""
    scaled: Literal[True] | None = None
    """Whether words for powers of ten stand behind numbers: `1.2k`, `3M`."""

    @property
    def is_plain_number(self) -> bool:
        """Whether a column of numbers can be asked for numbers instead of texts."""
        return self.style is Style.PLAIN

    @cached_property
    def rewrites(self) -> tuple[Rewrite, ...]:
        """What makes a value canonical, in order; a missing value becomes an empty one."""
        missing = (word for word in MISSING if word not in self.values)
        unit = () if self.unit is None else (without_unit(self.unit),)
        scale = MAGNITUDES if self.scaled else ()
        return (_TRIM, _missing(missing), *unit, *scale, *_REWRITES[self.style])


PLAIN = Spelling()
_TRIM = Rewrite(rf"^{SPACE}+|{SPACE}+$", "")


def _missing(words: Iterable[str]) -> Rewrite:
    return Rewrite(f"^(?:{'|'.join(re.escape(word) for word in words)})$", "")


_REWRITES: dict[Style, tuple[Rewrite, ...]] = {
    Style.PLAIN: (),
    Style.BOOLEAN: (
        Rewrite(r"^(?:(?i:true)|1(?:\.0*)?)$", "true"),
        Rewrite(r"^(?:(?i:false)|0(?:\.0*)?)$", "false"),
    ),
    Style.CODE: (
        Rewrite(r"^\+", ""),
        Rewrite(r"^(-?)\.", r"\10."),
        Rewrite(r"^(-?\d+)\.0*$", r"\1"),
        Rewrite(r"^(-?\d+\.\d*[1-9])0+$", r"\1"),
    ),
    Style.POINT: people_numbers(decimal=".", other=","),
    Style.COMMA: people_numbers(decimal=",", other="."),
    Style.EITHER: people_numbers(decimal=".,", other=""),
    Style.YEAR_FIRST: day(),
    Style.DAY_FIRST: day(*numbered(r"\2-\1")),
    Style.MONTH_FIRST: day(*numbered(r"\1-\2")),
    Style.MONTH_NAME: day(*named(), *numbered(r"\2-\1")),
    Style.TIME: day(*time_of_day()),
    Style.COMPACT: day(*compact()),
    Style.EPOCH: epoch(),
}
