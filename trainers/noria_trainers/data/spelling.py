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
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
"""A canonical number."""


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


class Rewrite(NamedTuple):
    """What a pattern matches becomes this."""

    pattern: str
    to: str


class Spelling(Shape):
    """How the values of one column are written."""

    style: Style = Style.PLAIN
    missing: tuple[str, ...] = MISSING
    """Words that stand for no value."""

    @property
    def is_plain_number(self) -> bool:
        """Whether a column of numbers can be asked for numbers instead of texts."""
        return self.style not in (Style.POINT, Style.COMMA)

    @cached_property
    def rewrites(self) -> tuple[Rewrite, ...]:
        """What makes a value canonical, in order; a missing value becomes an empty one."""
        return (_TRIM, _missing(self.missing), *_REWRITES[self.style])


_SPACE = r"[\s\x0b\x{1c}-\x{1f}\x{85}\x{feff}\pZ]"
_TRIM = Rewrite(rf"^{_SPACE}+|{_SPACE}+$", "")
_CURRENCIES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SGD|HKD|TWD|KRW|THB|"
    "SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|RUB|TRY|ILS"
)
_UNIT = rf"(?:(?:US|AU?|CA?|NZ|HK|S|R)?\p{{Sc}}|(?i:{_CURRENCIES}|kr\.?|zł|Kč|Ft|Rs\.?)|[%‰％])"
_MOST_GROUPS = 7


def _missing(words: Iterable[str]) -> Rewrite:
    return Rewrite(f"^(?:{'|'.join(re.escape(word) for word in words)})$", "")


def _people_numbers(decimal: str, other: str) -> tuple[Rewrite, ...]:
    """Signs, units, groups of digits and the decimal mark; `other` separates groups, and so do spaces and `'`."""
    return (
        Rewrite(rf"^([-+(−–]*){_SPACE}*{_UNIT}{_SPACE}*", r"\1"),
        Rewrite(rf"{_SPACE}*{_UNIT}{_SPACE}*([-)−]?)$", r"\1"),
        Rewrite(r"[.,][-–—]+$", ""),
        Rewrite(r"^([^-+−–].*)[-−]$", r"-\1"),
        Rewrite(r"^[−–]", "-"),
        Rewrite(rf"^\({_SPACE}*([^-+].*)\)$", r"-\1"),
        Rewrite(rf"^([-+]){_SPACE}+|{_SPACE}+$", r"\1"),
        *(_joined(count, decimal, other) for count in range(1, _MOST_GROUPS + 1)),
        *([Rewrite(r"^([-+]?\d*),(\d+(?:[eE][-+]?\d+)?)$", r"\1.\2")] if decimal == "," else []),
    )


def _joined(count: int, decimal: str, other: str) -> Rewrite:
    """A number of `count` groups after the first digits, without what separates them: `12,34,567.8` is 1234567.8."""
    mark = rf"[{other}'’\s\pZ]"
    inner = rf"{mark}(\d{{2,3}})" * (count - 1)
    pattern = rf"^([-+]?[1-9]\d{{0,2}}){inner}{mark}(\d{{3}})((?:[{decimal}]\d*)?)$"
    return Rewrite(pattern, "".join(rf"\{number}" for number in range(1, count + 3)))


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
    Style.POINT: _people_numbers(".", ","),
    Style.COMMA: _people_numbers(",", "."),
}
