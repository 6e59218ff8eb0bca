"""Raw values of a column as numbers or words. Called where labels, features, groups and times are read."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from noria_trainers.data.spelling import NUMBER, PLAIN, Spelling

MANY_MEASUREMENTS = 20
"""More than there are categories where these are numbers or dates."""
_FEWEST_DIGITS = 16
"""Of a whole number that float64 may not tell from its neighbours."""
MOST_GAP_WORDS = 4
"""By which people say in one column that they have no value."""


def numbers(raw: pa.ChunkedArray, spelling: Spelling = PLAIN) -> tuple[pa.ChunkedArray, NDArray[np.int64]]:
    """The column [n] as float64, nulls where there is no number, and the rows of values that are not numbers."""
    if not pa.types.is_string(raw.type):
        values = raw.cast(pa.float64(), safe=False)
        return pc.if_else(pc.is_finite(values), values, None), np.zeros(0, np.int64)
    present = words(raw, spelling)
    is_number = pc.match_substring_regex(present, NUMBER)
    values = pc.if_else(is_number, present, None).cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, None)
    others = pc.and_(pc.is_valid(present), pc.is_null(values))
    return values, np.flatnonzero(others.to_numpy(zero_copy_only=False))


def is_exact(raw: pa.ChunkedArray) -> bool:
    """Whether the column's whole numbers are ones that float64 can tell apart; others are codes."""
    if pa.types.is_string(raw.type):
        return _tells_apart(raw)
    if not pa.types.is_integer(raw.type):
        return True
    ends = pc.min_max(raw).as_py()
    return all(end is None or abs(end) < 2**53 for end in ends.values())


def _tells_apart(text: pa.ChunkedArray) -> bool:
    """Whether strings that are all whole numbers differ as float64 too."""
    if (pc.max(pc.utf8_length(text)).as_py() or 0) < _FEWEST_DIGITS:
        return True
    distinct = pc.unique(pc.drop_null(words(text)))
    if not pc.all(pc.match_substring_regex(distinct, r"^-?[1-9]?\d+$")).as_py():
        return True
    return bool(pc.count_distinct(distinct.cast(pa.float64())).as_py() == len(distinct))


def as_text(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as strings; whole numbers without a point, so that 1.0 and 1 are the same category."""
    if pa.types.is_floating(raw.type) and is_whole(raw):
        raw = raw.cast(pa.int64())
    return raw.cast(pa.string())


def words(text: pa.ChunkedArray, spelling: Spelling = PLAIN) -> pa.ChunkedArray:
    """The strings in their canonical form, nulls where people wrote that they have no value."""
    coded = text.combine_chunks().dictionary_encode()
    distinct = coded.dictionary
    for pattern, to in spelling.rewrites:
        distinct = pc.replace_substring_regex(distinct, pattern=pattern, replacement=to)
    distinct = pc.if_else(pc.equal(distinct, ""), None, distinct)
    return pa.chunked_array([distinct.take(coded.indices)])


def is_gap(others: pa.ChunkedArray, measured: pa.ChunkedArray) -> bool:
    """Whether what was not measured are a few words, such as `unknown` or `0000-00-00`, that are no measurements in
    another unit, beside more and many different measurements.
    """
    present = pc.drop_null(measured)
    found = pc.unique(pc.utf8_trim_whitespace(others))
    says_number = pc.any(pc.match_substring_regex(found, r"[1-9]")).as_py()
    are_words = 0 < len(found) <= MOST_GAP_WORDS and not says_number
    return are_words and len(others) <= len(present) and pc.count_distinct(present).as_py() >= MANY_MEASUREMENTS


def is_whole(values: pa.ChunkedArray) -> bool:
    """Whether all numbers are whole ones that float64 can tell apart."""
    if not pa.types.is_floating(values.type):
        return True
    present = pc.drop_null(values)
    inside = pc.all(pc.less(pc.abs(present), 2.0**53)).as_py()
    return len(present) > 0 and bool(inside) and bool(pc.all(pc.equal(pc.floor(present), present)).as_py())
