"""How the values of a column are written in a source: found over all of them, and read alike by the served graph.

A spelling is a list of rewrites by regular expression (RE2's, which Arrow and TensorFlow share) that bring a value as
it lies in the file to its canonical form. `data.column` applies them to columns, `modality.table.spelled` in the graph.
Canonical words are left as they are.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from noria.contract import Shape

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
    """Dates: `2024-10-23`, `2024/10/23 14:05`."""
    DAY_FIRST = "DayFirst"
    """Dates: `23.10.2024`, `23/10/24 2:05 pm`; also with the year first."""
    MONTH_FIRST = "MonthFirst"
    """Dates: `10/23/2024`; also with the year first."""
    MONTH_NAME = "MonthName"
    """Dates with an English month: `23 Oct 2024`, `October 23, 2024`; also with the year first."""


class Rewrite(NamedTuple):
    """What a pattern matches becomes this."""

    pattern: str
    to: str


class Spelling(Shape):
    """How the values of one column are written."""

    style: Style = Style.PLAIN
    values: tuple[str, ...] = ()
    """Those of `MISSING` that are values in this column."""

    @property
    def is_plain_number(self) -> bool:
        """Whether a column of numbers can be asked for numbers instead of texts."""
        return self.style is Style.PLAIN

    @cached_property
    def rewrites(self) -> tuple[Rewrite, ...]:
        """What makes a value canonical, in order; a missing value becomes an empty one."""
        missing = (word for word in MISSING if word not in self.values)
        return (_TRIM, _missing(missing), *_REWRITES[self.style])


PLAIN = Spelling()
_SPACE = r"[\s\x0b\x{1c}-\x{1f}\x{85}\x{feff}\pZ]"
_TRIM = Rewrite(rf"^{_SPACE}+|{_SPACE}+$", "")
_CURRENCIES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SGD|HKD|TWD|KRW|THB|"
    "SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|RUB|TRY|ILS"
)
_UNIT = rf"(?:(?:US|AU?|CA?|NZ|HK|S|R)?\p{{Sc}}|(?i:{_CURRENCIES}|kr\.?|zł|Kč|Ft|Rs\.?)|[%‰％])"
_MOST_GROUPS = 7
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def _missing(words: Iterable[str]) -> Rewrite:
    return Rewrite(f"^(?:{'|'.join(re.escape(word) for word in words)})$", "")


def _people_numbers(*, decimal: str, other: str) -> tuple[Rewrite, ...]:
    """Signs, units, groups of digits and the decimal mark; `other` separates groups, and so do spaces and `'`."""
    return (
        Rewrite(rf"^([-+(−–]*){_SPACE}*{_UNIT}{_SPACE}*", r"\1"),
        Rewrite(rf"{_SPACE}*{_UNIT}{_SPACE}*([-)−]?)$", r"\1"),
        Rewrite(r"[.,][-–—]+$", ""),
        Rewrite(r"^([^-+−–].*)[-−]$", r"-\1"),
        Rewrite(r"^[−–]", "-"),
        Rewrite(rf"^\({_SPACE}*([^-+].*)\)$", r"-\1"),
        Rewrite(rf"^([-+]){_SPACE}+|{_SPACE}+$", r"\1"),
        *(_joined(count, decimal=decimal, other=other) for count in range(1, _MOST_GROUPS + 1)),
        *([Rewrite(r"^([-+]?\d*),(\d+(?:[eE][-+]?\d+)?)$", r"\1.\2")] if "," in decimal else []),
    )


def _joined(count: int, *, decimal: str, other: str) -> Rewrite:
    """A number of `count` groups after the first digits, without what separates them: `12,34,567.8` is 1234567.8."""
    mark = rf"[{other}'’\s\pZ]"
    inner = rf"{mark}(\d{{2,3}})" * (count - 1)
    pattern = rf"^([-+]?[1-9]\d{{0,2}}){inner}{mark}(\d{{3}})((?:[{decimal}]\d*)?)$"
    return Rewrite(pattern, "".join(rf"\{number}" for number in range(1, count + 3)))


def _day(*patterns: Rewrite) -> tuple[Rewrite, ...]:
    """Dates as `2024-10-23T14:05:00`, whose day these patterns find; what a clock shows counts in any time zone."""
    hours = (Rewrite(rf"T0?{hour}:([\d:]+)P$", rf"T{hour + 12}:\1") for hour in range(1, 12))
    return (
        *patterns,
        Rewrite(r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(\D.*)?$", r"\1-\2-\3\4"),
        Rewrite(r"^(\d{4})-(\d)-", r"\1-0\2-"),
        Rewrite(r"^(\d{4}-\d{2})-(\d)(\D.*)?$", r"\1-0\2\3"),
        Rewrite(r"^(.{10})$", r"\1T00:00"),
        Rewrite(r"^(.{10})(?:[T,]|\s)+(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?", r"\1T\2"),
        Rewrite(r"\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$", ""),
        Rewrite(r"^(.{10})T(\d{1,2}:\d{2})(\D*)$", r"\1T\2:00\3"),
        Rewrite(r"\s*(?i:a\.?m\.?)$", "A"),
        Rewrite(r"\s*(?i:p\.?m\.?)$", "P"),
        *hours,
        Rewrite(r"T12:([\d:]+)A$", r"T00:\1"),
        Rewrite(r"[AP]$", ""),
        Rewrite(r"T(\d):", r"T0\1:"),
    )


def _numbered(day: str) -> tuple[Rewrite, ...]:
    """The order of day, month and year in `day`; years of two digits are those from 1970 to 2069."""
    date = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ]"
    return (
        Rewrite(rf"{date}(\d{{4}})(\D.*)?$", rf"\3-{day}\4"),
        Rewrite(rf"{date}([0-6]\d)(\D.*)?$", rf"20\3-{day}\4"),
        Rewrite(rf"{date}([7-9]\d)(\D.*)?$", rf"19\3-{day}\4"),
    )


def _named() -> Iterable[Rewrite]:
    """English months by name."""
    yield Rewrite(r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+", "")
    for number, month in enumerate(_MONTHS, 1):
        name = rf"(?i:{month[:3]}(?:{month[3:]})?|{month[:4]})\.?"
        yield Rewrite(rf"^(\d{{1,2}})(?:st|nd|rd|th)?[- .]*{name}[- ,]*(\d{{4}})", rf"\2-{number:02}-\1")
        yield Rewrite(rf"^{name}[- ]*(\d{{1,2}})(?:st|nd|rd|th)?[- ,]+(\d{{4}})", rf"\2-{number:02}-\1")


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
    Style.POINT: _people_numbers(decimal=".", other=","),
    Style.COMMA: _people_numbers(decimal=",", other="."),
    Style.EITHER: _people_numbers(decimal=".,", other=""),
    Style.YEAR_FIRST: _day(),
    Style.DAY_FIRST: _day(*_numbered(r"\2-\1")),
    Style.MONTH_FIRST: _day(*_numbered(r"\1-\2")),
    Style.MONTH_NAME: _day(*_named()),
}
