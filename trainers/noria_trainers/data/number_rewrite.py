"""Numbers as people write them, with signs, units and groups of digits, as canonical ones. Used by `spelling`."""

import re

from noria_trainers.data.rewrite import DIGITS, SPACE, Rewrite

CURRENCIES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SGD|HKD|TWD|KRW|THB|"
    "SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|RUB|TRY|ILS"
)
_OWN_UNIT = rf"(?:(?:US|AU?|CA?|NZ|HK|S|R)?\p{{Sc}}|(?i:{CURRENCIES}|kr\.?|zł|Kč|Ft|Rs\.?)|[%‰％])"
"""A unit that any column of numbers may have."""
_MAGNITUDES = {
    3: r"[kK]|(?i:tsd\.?|thousand)",
    6: r"M|(?i:mio\.?|mn|mln\.?|millions?)",
    9: r"B|(?i:mrd\.?|bn|billions?)",
}
"""Words for powers of ten. A small m or b may be a unit."""
_BEHIND = rf"({SPACE}*{_OWN_UNIT})?{SPACE}*(\)?)$"
MAGNITUDES = tuple(
    Rewrite(rf"([\p{{Nd}}.,]){SPACE}*(?:{word}){_BEHIND}", rf"\1e{power}\2\3") for power, word in _MAGNITUDES.items()
)
"""Words for powers of ten as exponents."""
MAGNITUDE = rf"\p{{Nd}}[.,]?{SPACE}*(?:{'|'.join(_MAGNITUDES.values())}){_BEHIND}"
"""What values with such a word match."""
SURE_MAGNITUDE = (
    rf"(?:[kK]|[.,]\p{{Nd}}+{SPACE}*[MB]|\p{{Nd}} +[MB]|\pL{{2,}}\.?){_BEHIND}|^[-+(]*{SPACE}*{_OWN_UNIT}.*[MB]$"
)
"""What one of them matches that is no letter of a code, such as `12B`."""
CASE_MATTERS = frozenset(("mw", "mwh", "mv", "mj", "mhz", "mpa"))
"""Units, in lower case, that are others in capitals: milliwatts and megawatts."""
_MOST_GROUPS = 7
_SCRIPTS = ("[\uff0e\u066b]", "."), ("[\uff0c\u066c]", ","), ("\uff0d", "-"), ("\uff0b", "+")
"""Marks of full width, and Arabic ones."""


def without_unit(unit: str) -> Rewrite:
    """Leaves out the unit that a column has."""
    return Rewrite(rf"([\p{{Nd}}.,]){SPACE}*{_unit_pattern(unit)}{SPACE}*(\)?)$", r"\1\2")


def _unit_pattern(unit: str) -> str:
    """What stands for a unit: also in the plural, abbreviated by a point, or in another case."""
    if len(unit) == 1 or unit.casefold() in CASE_MATTERS:
        return re.escape(unit) + r"\.?"
    return rf"(?i:{re.escape(unit)}s?)\.?" if unit[0] != "/" else rf"/{SPACE}*(?i:{re.escape(unit[1:])}s?)\.?"


def people_numbers(*, decimal: str, other: str) -> tuple[Rewrite, ...]:
    """Signs, units, groups of digits and the decimal mark; `other` separates groups, and so do spaces and `'`."""
    return (
        *DIGITS,
        *(Rewrite(mark, to) for mark, to in _SCRIPTS),
        Rewrite(rf"^([-+(−–]*){SPACE}*{_OWN_UNIT}{SPACE}*", r"\1"),
        Rewrite(rf"{SPACE}*{_OWN_UNIT}{SPACE}*([-)−]?)$", r"\1"),
        Rewrite(r"[.,][-–—]+$", ""),
        Rewrite(r"^([^-+−–].*)[-−]$", r"-\1"),
        Rewrite(r"^[−–]", "-"),
        Rewrite(rf"^\({SPACE}*([^-+].*)\)$", r"-\1"),
        Rewrite(rf"^([-+]){SPACE}+|{SPACE}+$", r"\1"),
        *(_joined(count, decimal=decimal, other=other) for count in range(1, _MOST_GROUPS + 1)),
        *([Rewrite(r"^([-+]?\d*),(\d+(?:[eE][-+]?\d+)?)$", r"\1.\2")] if "," in decimal else []),
    )


def _joined(count: int, *, decimal: str, other: str) -> Rewrite:
    """A number of `count` groups after the first digits, without what separates them: `12,34,567.8` is 1234567.8."""
    mark = rf"[{other}'’\s\pZ]"
    inner = rf"{mark}(\d{{2,3}})" * (count - 1)
    pattern = rf"^([-+]?[1-9]\d{{0,2}}){inner}{mark}(\d{{3}})((?:[{decimal}]\d*)?(?:e\d)?)$"
    return Rewrite(pattern, "".join(rf"\{number}" for number in range(1, count + 3)))
