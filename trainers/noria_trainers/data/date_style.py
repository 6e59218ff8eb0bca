"""How a column writes its dates, found over all of its values. Called where features are read."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria_trainers.data.column import is_gap, words
from noria_trainers.data.spelling import DATE, PLAIN, Spelling, Style

_LOOKS_LIKE_ONE = (
    r"^(\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{1,2}(st|nd|rd|th)?[- .]*\pL{3}|\pL{3,9}[.,]* *\d{1,2}(st|nd|rd|th)?[ ,])"
)
LEAST_SHARE = 0.95
"""Of the values that are dates in a column of dates."""


@dataclass(frozen=True)
class DateStyle:
    """A style, and what speaks against it."""

    style: Style
    doubtful: str | None = None
    """A value whose day and month may be exchanged, as all of the column's may."""


def dates(raw: pa.ChunkedArray, spelling: Spelling) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
    """The column [n] as canonical dates, nulls where there is none, and the rows of values that are no dates."""
    present = words(raw.cast(pa.string()), spelling)
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
    if shares[best] < LEAST_SHARE:
        return None
    if best is Style.DAY_FIRST and shares[Style.MONTH_FIRST] == shares[best]:
        example = str(present[0])
        return DateStyle(Style.MONTH_FIRST if "/" in example else Style.DAY_FIRST, example)
    return DateStyle(best)


_STYLES = (Style.YEAR_FIRST, Style.MONTH_NAME, Style.DAY_FIRST, Style.MONTH_FIRST)
"""Of equally good ones the first is taken."""


def _share(hits: pa.ChunkedArray) -> float:
    return float(pc.mean(hits.cast(pa.int8())).as_py() or 0.0)
