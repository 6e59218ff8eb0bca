"""How a column writes its dates, found over all of its values. Called where features are read."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria_trainers.data.column import MANY_MEASUREMENTS, as_text, is_gap, words
from noria_trainers.data.date_rewrite import SECONDS
from noria_trainers.data.spelling import DATE, PLAIN, Spelling, Style

_LOOKS_LIKE_ONE = (
    r"^(\p{Nd}{1,4}([-/.] ?| )\p{Nd}{1,2}([-/.] ?| )\p{Nd}{1,4}"  # numbered
    r"|\p{Nd}{4} *[-/.年년]|\p{Nd}{1,2}[-/.]\p{Nd}{4}$"  # without a day
    r"|(?i:\p{Nd}{4}Q[1-4]$|Q[1-4][-/ ]?\p{Nd}{4}$)"  # quarters
    r"|\p{Nd}{8}[T ]?(\p{Nd}{4}|\p{Nd}{6})?(\pL|$)"  # compact
    r"|\p{Nd}{1,2}(:\p{Nd}{2}|h\p{Nd}{2}$| *(?i:[ap]\.?m))"  # a time
    r"|\p{Nd}{1,2}(st|nd|rd|th|er|[.º°])?[- ./]*(de |of |d')?\pL{3}"
    r"|(\pL{2,10}[.,]* +)?\pL{3,13}[.,]*[- ,/']*\p{Nd}{1,4}([^\p{Nd}]|$))"
)
_MONTH_NAME = (
    r"(?i:jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|"
    r"(nov|dec)(ember)?)"
)
_DAY_OF_YEAR = r"(00[1-9]|0[1-9]\d|[12]\d{2}|3[0-5]\d|36[0-6])"
_MILITARY = r"([01]\d|2[0-3])[0-5]\d([0-5]\d)?"
"""A time of day without a mark: `0830`, `083015`."""
_SEEMS_ONE = (
    r"^(\pL+[.,]* +)?\p{Nd}{1,2}[. º°/-]*(\pL{3,}[.]?|\p{Nd}{1,2})[ .,/-]*(\pL+[.]? +)?(19|20)\p{Nd}{2}([^\p{Nd}]|$)"
    r"|^\pL{3,}[.]? +\p{Nd}{1,2},? +(19|20)\p{Nd}{2}([^\p{Nd}]|$)"
    r"|^(19|20)\p{Nd}{2}[-/. ]?(\p{Nd}{1,2}[-/. ]\p{Nd}{1,2}|\pL{3,}[-/. ]+\p{Nd}{1,2}|W\p{Nd}{2})([^\p{Nd}]|$)"
    r"|^(令和|平成|昭和|大正)\p{Nd}{1,2}年|^/Date\(|^[1-4]Q[-/ ]?(19|20)\p{Nd}{2}$"
    rf"|^(19|20)\p{{Nd}}{{2}}[-/.]{_DAY_OF_YEAR}$|^T{_MILITARY}Z?$|^{_MILITARY}Z$"
    rf"|^{_MONTH_NAME}[. -]+\p{{Nd}}{{1,2}}$|^\p{{Nd}}{{1,2}}[. -]+{_MONTH_NAME}$"
)
"""Dates in whatever order and language, with a year of four digits, also as days of a year; in English without a year.
Times without a mark."""
_TIME_NAME = re.compile(
    r"(^|[\W_])(time|times?tamp|ts|date|datetime|day|epoch|unix|created|updated|modified|at|since)([\W_]|$)"
    r"|(time|date|timestamp)$|[a-z](Time|Date|At)(?![a-z])",
    re.IGNORECASE,
)
"""How people call moments."""
_FEWEST_DISTINCT = 3
"""Numbers that are all dates without marks, and different, are so hardly by chance."""
_MOMENT = r"^1\d{9}(\d{3}|\d{6}|\d{9})?(\.\d*)?$"
"""Seconds since 1970 from 2001 to 2033, or parts of a thousand."""
_NAMED_MOMENT = r"^(1\d{9}|[6-9]\d{8})(\d{3}|\d{6}|\d{9})?(\.\d*)?$"
"""The same from 1989 on, where a name says that they are times."""
_DAY = r"^(19|20)\d{6}(\.0*|\d{4}|\d{6})?$"
_MONTH = r"^(0[1-9]|1[0-2])\.(19|20)\d{2}$"
"""A month that would be a number of four decimals, but for the zero before some."""
_UNREAD_DAY = (
    r"^((0?[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(19|20)\d{2}(\.0*)?$"
    rf"|^(19|20)\d{{2}}(0[1-9]|1[0-2]|{_DAY_OF_YEAR})(\.0*)?$"
)
"""`23102024`, `10232024`, `202410`, and `2024123` for a day of a year."""
_UNREAD_TIME = r"^(2400|([01]?\d|2[0-3])?[0-5]?\d|([01]?\d|2[0-3])[0-5]\d[0-5]\d)(\.0*)?(\s*(?i:h|hrs?|hours?|uhr|z))?$"
"""`830` and `0830` for half past eight, `83015` with seconds."""
_NAMED_DAY = r"^\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\.0*)?$|^[34]\d{4}(\.\d*)?$"
"""`241023`, and days since 1900 as spreadsheets count them, from 1982 to 2036; in columns called dates."""
LOOKED_AT_FIRST = 1_000
"""Values that tell that a column of numbers has no dates."""
LEAST_SHARE = 0.95
"""Of the values that are dates in a column of dates."""


@dataclass(frozen=True)
class DateStyle:
    """A style, and what speaks against it."""

    style: Style
    doubtful: str | None = None
    """A value whose day and month may be exchanged, as all of the column's may."""

    @property
    def spelling(self) -> Spelling:
        """The same as part of a column's description."""
        return Spelling(style=self.style)


def dates(raw: pa.ChunkedArray, spelling: Spelling) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
    """The column [n] as canonical dates, nulls where there is none, and the rows of values that are no dates."""
    present = words(as_text(raw), spelling)
    if spelling.style is Style.EPOCH:
        present = _from_seconds(present)
    is_date = pc.match_substring_regex(present, DATE)
    others = pc.fill_null(pc.invert(is_date), False)
    return pc.if_else(is_date, present, None), np.flatnonzero(others.to_numpy(zero_copy_only=False))


def date_style(raw: pa.ChunkedArray) -> DateStyle | None:
    """The style in which nearly all values are dates, but for a word for gaps; none where they are not in any."""
    if not pa.types.is_string(raw.type):
        return None
    present = pc.drop_null(words(raw, PLAIN))
    looks = pc.match_substring_regex(present, _LOOKS_LIKE_ONE)
    likely, others = present.filter(looks), present.filter(pc.invert(looks))
    if is_gap(others, likely):
        present = likely
    elif not _share(looks) >= LEAST_SHARE:
        return None
    shares = {style: _share(dates(present, Spelling(style=style))[0].is_valid()) for style in _STYLES}
    best = max(_STYLES, key=lambda style: shares[style])
    if shares[best] < LEAST_SHARE and not _is_date_but_for_gaps(present, best):
        return None
    if best is Style.DAY_FIRST and shares[Style.MONTH_FIRST] == shares[best]:
        example = str(present[0])
        return DateStyle(Style.MONTH_FIRST if "/" in example else Style.DAY_FIRST, example)
    return DateStyle(best)


def number_date_style(raw: pa.ChunkedArray, *, is_time: bool) -> DateStyle | None:
    """The style in which a column of numbers has dates without doubt: `20241023`, `07.2024`, or seconds since 1970 in
    one of times.
    """
    first = pc.drop_null(words(as_text(pc.drop_null(raw).slice(0, LOOKED_AT_FIRST)), PLAIN))
    if _share(pc.match_substring_regex(first, f"{_DAY}|{_MONTH}|{_NAMED_MOMENT}")) < LEAST_SHARE / 2:
        return None
    present = pc.drop_null(words(as_text(raw), PLAIN))
    if _share(pc.match_substring_regex(present, _MONTH)) >= LEAST_SHARE and _has_zeros(present):
        return DateStyle(Style.YEAR_FIRST)
    if _share(pc.match_substring_regex(present, _DAY)) >= LEAST_SHARE:
        is_date = dates(present, Spelling(style=Style.COMPACT))[0].is_valid()
        is_many = is_time or pc.count_distinct(present).as_py() >= _FEWEST_DISTINCT
        return DateStyle(Style.COMPACT) if is_many and _share(is_date) >= LEAST_SHARE else None
    is_moment = is_time and _share(pc.match_substring_regex(present, _NAMED_MOMENT)) >= LEAST_SHARE
    return DateStyle(Style.EPOCH) if is_moment else None


def is_time_name(name: str) -> bool:
    """Whether people call moments so."""
    return _TIME_NAME.search(name) is not None


def may_be_moments(present: pa.ChunkedArray) -> bool:
    """Whether numbers, as text, lie where seconds since 1970 do, or thousandths of these."""
    return _share(pc.match_substring_regex(present, _MOMENT)) >= LEAST_SHARE


def may_be_days(present: pa.ChunkedArray, name: str) -> bool:
    """Whether different numbers, as text, may be dates in an order that no style has, or that only `name` tells."""
    pattern = f"{_UNREAD_DAY}|{_NAMED_DAY}" if is_time_name(name) and "date" in name.lower() else _UNREAD_DAY
    is_many = pc.count_distinct(present).as_py() >= _FEWEST_DISTINCT
    return bool(is_many) and _share(pc.match_substring_regex(present, pattern)) >= LEAST_SHARE


def may_be_times(present: pa.ChunkedArray, name: str) -> bool:
    """Whether many different numbers, as text, may be times without a mark: `0830`, or `830` where `name` tells."""
    distinct = pc.unique(present)
    if len(distinct) < MANY_MEASUREMENTS or not pc.all(pc.match_substring_regex(distinct, _UNREAD_TIME)).as_py():
        return False
    padded = pc.all(pc.match_substring_regex(distinct, rf"^{_MILITARY}")).as_py()
    late = pc.any(pc.match_substring_regex(distinct, r"^[12]\d{3}")).as_py()
    return bool(pc.any(pc.starts_with(distinct, "0")).as_py() and padded) or bool(is_time_name(name) and late)


def unread_date(present: pa.ChunkedArray) -> str | None:
    """One of different words that look like dates, in an order or a language that no style has, or no days at all."""
    is_many = pc.count_distinct(present).as_py() >= _FEWEST_DISTINCT
    if not is_many or _share(pc.match_substring_regex(present, _SEEMS_ONE)) < LEAST_SHARE:
        return None
    column = pa.chunked_array([present])
    lost = min((dates(column, Spelling(style=style))[1] for style in _STYLES), key=len)
    return str(present[int(lost[0])]) if len(lost) else None


def _is_date_but_for_gaps(present: pa.ChunkedArray, style: Style) -> bool:
    """Whether all values are dates but for words for gaps that look like dates: `0000-00-00 00:00`."""
    read, others = dates(present, Spelling(style=style))
    return is_gap(present.take(pa.array(others)), read)


def _has_zeros(present: pa.ChunkedArray) -> bool:
    """Whether several different values begin with a zero."""
    zeros = present.filter(pc.match_substring_regex(present, "^0"))
    return bool(pc.count_distinct(zeros).as_py() >= _FEWEST_DISTINCT)


def _from_seconds(seconds: pa.ChunkedArray) -> pa.ChunkedArray:
    """Canonical dates of whole seconds since 1970, as text; others stay."""
    is_moment = pc.match_substring_regex(seconds, SECONDS)
    moments = pc.if_else(is_moment, seconds, None).cast(pa.int64()).cast(pa.timestamp("s"))
    return pc.if_else(is_moment, pc.strftime(moments, "%Y-%m-%dT%H:%M:%S"), seconds)


_STYLES = (
    Style.YEAR_FIRST,
    Style.DAY_FIRST,
    Style.MONTH_FIRST,
    Style.MONTH_NAME,
    Style.TIME,
    Style.COMPACT,
)
"""Of equally good ones the first is taken."""


def _share(hits: pa.ChunkedArray) -> float:
    return float(pc.mean(hits.cast(pa.int8())).as_py() or 0.0)
