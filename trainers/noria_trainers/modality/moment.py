"""Moments in a table's Time column, as numbers that can be compared. Called where rows are read."""

import math
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from noria_trainers.data.column import numbers
from noria_trainers.data.date_style import date_style, dates
from noria_trainers.data.spelling import Style


def moments(raw: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers as they are, else dates as seconds since 1970, UTC where no zone is given; NaN for neither: [n]."""
    values, not_numbers = numbers(raw)
    if len(not_numbers) <= 0.5 * len(raw):
        return np.asarray(values.to_numpy(zero_copy_only=False), np.float64)
    style = date_style(raw)
    canonical = raw if style is None else dates(raw, style.spelling)[0]
    if style is None or style.style is Style.YEAR_FIRST:  # these may have a time zone
        pairs = zip(raw.to_pylist(), canonical.to_pylist(), strict=True)
        return np.asarray([_seconds(text, other) for text, other in pairs], np.float64)
    return np.asarray([_seconds(text) for text in canonical.to_pylist()], np.float64)


def _seconds(text: str | None, other: str | None = None) -> float:
    """Of the text, else of the other one."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return math.nan if other is None else _seconds(other)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
