"""How a column writes its numbers, found over all of its values. Called where labels and features are read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria_trainers.data.column import numbers, words
from noria_trainers.data.number_rewrite import MAGNITUDE, SURE_MAGNITUDE
from noria_trainers.data.spelling import NUMBER, Spelling, Style
from noria_trainers.data.unit import LEAST_SHARE, ruling_unit

LEAST_SCALED = 0.05
"""Of the values with digits, that have a word for a power of ten where such words are used."""
_DIGIT = r"\p{Nd}"
_POINT_IS_DECIMAL = r"^[^.,]*\d\.(\d{1,2}|\d{4,})[^\d.,]*$|^[^\d.,]*0\.\d+[^\d.,]*$"
"""A value whose only point does not stand before three digits, or stands behind a zero."""


@dataclass(frozen=True)
class NumberStyle:
    """A style, and what speaks for it."""

    style: Style
    is_sure: bool
    """Whether the values can be read in no other style."""
    doubtful: str | None = None
    """A value that another style would take for another number."""
    unit: str | None = None
    """What stands behind the numbers."""
    scaled: Literal[True] | None = None
    """Whether words for powers of ten do."""

    @property
    def spelling(self) -> Spelling:
        """The same as part of a column's description."""
        return Spelling(style=self.style, unit=self.unit, scaled=self.scaled)


@dataclass(frozen=True)
class _Reading:
    values: NDArray[np.float64]
    """NaN where a value is not a number [distinct]."""
    rows: int
    """Rows whose value is a number."""


PLAIN = NumberStyle(Style.PLAIN, is_sure=True)


def number_style(raw: pa.ChunkedArray) -> NumberStyle:
    """The style in which the most values are numbers.

    `1,234` alone may be 1234 or 1.234; beside `1,234.5`, `12.50` or `3,14` it may not.
    """
    if not pa.types.is_string(raw.type):
        return PLAIN
    counted = pc.value_counts(pc.drop_null(words(raw)))
    distinct, counts = pa.chunked_array([counted.field("values")]), counted.field("counts").to_numpy()
    if not _mask(_others(distinct)).any():
        return PLAIN
    front = Spelling(unit=_unit(distinct, counts), scaled=_is_scaled(distinct, counts) or None)
    found = _style(words(distinct, front), counts)
    if found.style is Style.PLAIN and front != Spelling():
        found = NumberStyle(Style.POINT, is_sure=False)
    return replace(found, unit=front.unit, scaled=front.scaled)


def _is_scaled(distinct: pa.ChunkedArray, counts: NDArray[np.int64]) -> bool:
    """Whether values [d] with a digit have words for powers of ten behind them, more than a few that may be codes."""
    scaled = _mask(pc.match_substring_regex(distinct, MAGNITUDE))
    if not scaled.any():
        return False
    is_sure = pc.any(pc.match_substring_regex(distinct.filter(pa.array(scaled)), SURE_MAGNITUDE)).as_py()
    has_digit = _mask(pc.match_substring_regex(distinct, _DIGIT))
    return bool(is_sure and counts[scaled].sum() >= LEAST_SCALED * counts[has_digit].sum())


def _unit(distinct: pa.ChunkedArray, counts: NDArray[np.int64]) -> str | None:
    """The unit of most values [d] with a digit; what is a number in some style has none."""
    others = _mask(_others(distinct))
    written = distinct.filter(pa.array(others))
    read = [_reading(written, counts[others], style).values for style in (Style.POINT, Style.COMMA)]
    unread = np.isnan(read).all(axis=0)
    has_digit = _mask(pc.match_substring_regex(distinct, _DIGIT))
    if counts[others][unread].sum() < LEAST_SHARE * counts[has_digit].sum():
        return None
    return ruling_unit(distinct.filter(pa.array(has_digit)).to_pylist(), counts[has_digit].tolist())


def _others(distinct: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which values [d] have digits and are no plain numbers."""
    is_plain = pc.match_substring_regex(distinct, NUMBER)
    return pc.and_not(pc.match_substring_regex(distinct, _DIGIT), is_plain)


def _style(distinct: pa.ChunkedArray, counts: NDArray[np.int64]) -> NumberStyle:
    """The style of different values [d] without their unit, and how often each occurs [d]."""
    others = _others(distinct)
    written, often = distinct.filter(others), counts[_mask(others)]
    if not len(written):
        return PLAIN
    point, comma = (_reading(written, often, style) for style in (Style.POINT, Style.COMMA))
    if not point.rows and not comma.rows:
        return PLAIN
    points = pc.any(pc.match_substring_regex(distinct, _POINT_IS_DECIMAL)).as_py()
    if point.rows != comma.rows:
        found = Style.POINT if point.rows > comma.rows else Style.EITHER if points else Style.COMMA
        return NumberStyle(found, is_sure=True)
    differ = point.values != comma.values
    differ &= ~np.isnan(point.values) & ~np.isnan(comma.values)
    if points or not differ.any():
        return NumberStyle(Style.POINT, is_sure=bool(points and differ.any()))
    return NumberStyle(Style.POINT, is_sure=False, doubtful=str(written[int(np.flatnonzero(differ)[0])]))


def number_styles(columns: Mapping[str, pa.ChunkedArray]) -> dict[str, NumberStyle]:
    """The style of each column; what is doubtful follows the others: a decimal comma where one surely has it and none
    surely has a point.
    """
    found = {name: number_style(raw) for name, raw in columns.items()}
    sure = {each.style for each in found.values() if each.is_sure}
    if Style.COMMA not in sure or Style.POINT in sure:
        return found
    return {name: replace(each, style=Style.COMMA) if each.doubtful else each for name, each in found.items()}


def doubt(name: str, example: str, spelling: Spelling) -> str:
    """Words about a column with a value that may mean two numbers."""
    values = pa.chunked_array([pa.array([example])])
    other = Style.POINT if spelling.style is Style.COMMA else Style.COMMA
    otherwise = Spelling(style=other, unit=spelling.unit, scaled=spelling.scaled)
    taken, meant = (numbers(values, each)[0][0].as_py() for each in (spelling, otherwise))
    return (
        f"column {name} holds {example}, which was read as {taken:.15g}; if {meant:.15g} is meant, "
        f"write it so in the file"
    )


def _reading(written: pa.ChunkedArray, often: NDArray[np.int64], style: Style) -> _Reading:
    read, _ = numbers(written, Spelling(style=style))
    values = read.to_numpy(zero_copy_only=False)
    return _Reading(values, int(often[~np.isnan(values)].sum()))


def _mask(chosen: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(chosen.to_numpy(zero_copy_only=False), bool)
