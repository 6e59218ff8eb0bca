"""Values as they lie in a file, as numbers and categories in the graph.

The same as `data.column` finds where files are read.
"""

from typing import TYPE_CHECKING

from noria_trainers.data.date_rewrite import SECONDS
from noria_trainers.data.spelling import DATE, NUMBER, Spelling, Style
from noria_trainers.lazy import Lazy

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

_EPOCH = 2451545
"""The first of January 2000 as a Julian day number: days are counted from it."""
_FIRST, _DAY = 2440588, 86400
"""The first of January 1970 likewise, and seconds of a day."""


def text_to_category(texts: "tf.Tensor", spelling: Spelling) -> "tf.Tensor":
    """Canonical words [n], empty where missing, of strings [n]; any other shape likewise."""
    for pattern, to in spelling.rewrites:
        texts = tf.strings.regex_replace(texts, pattern, to)
    return texts


def text_to_number(texts: "tf.Tensor", spelling: Spelling) -> "tf.Tensor":
    """Numbers [n] float32, NaN where there is none, of strings [n]; any other shape likewise.

    They are rounded to 64 bits before, as the numbers in shards are.
    """
    words = text_to_category(texts, spelling)
    is_number = tf.strings.regex_full_match(words, NUMBER)
    values = tf.strings.to_number(tf.where(is_number, words, "nan"), tf.float64)
    return tf.cast(tf.where(tf.math.is_finite(values), values, float("nan")), tf.float32)


def text_to_date(texts: "tf.Tensor", spelling: Spelling) -> "tf.Tensor":
    """What dates [n] say, [n, 25] float32, NaN where there is none: year, month, day, weekday from Monday, hour, days
    since 2000, and a one for the weekday and for the month.
    """
    written = text_to_category(texts, spelling)
    if spelling.style is Style.EPOCH:
        written = _from_seconds(written)
    is_date = tf.strings.regex_full_match(written, DATE)
    known = tf.where(is_date, written, "2000-01-01T00:00:00")
    year, month, day, hour, minute, second = (
        tf.strings.to_number(tf.strings.substr(known, at, size), tf.int64)
        for at, size in ((0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2))
    )
    julian = _julian_day(year, month, day)
    parts = [year, month, day, julian % 7, hour, julian - _EPOCH]
    numbers = [tf.cast(part, tf.float32) for part in parts]
    numbers[4] += tf.cast(60 * minute + second, tf.float32) / 3600
    ones = [tf.one_hot(julian % 7, 7), tf.one_hot(month - 1, 12)]
    whole = tf.concat([tf.stack(numbers, axis=1), *ones], axis=1)
    return tf.where(is_date[:, tf.newaxis], whole, float("nan"))


def _from_seconds(seconds: "tf.Tensor") -> "tf.Tensor":
    """Canonical dates [n] of whole seconds since 1970, strings [n]; others stay."""
    is_moment = tf.strings.regex_full_match(seconds, SECONDS)
    moment = tf.strings.to_number(tf.where(is_moment, seconds, "0"), tf.int64)
    days, rest = moment // _DAY, moment % _DAY
    date = [_two(part) for part in (*_calendar(days + _FIRST), rest // 3600, rest // 60 % 60, rest % 60)]
    marks = ["-", "-", "T", ":", ":"]
    whole = tf.strings.join([text for pair in zip(date, [*marks, ""], strict=True) for text in pair])
    return tf.where(is_moment, whole, seconds)


def _two(numbers: "tf.Tensor") -> "tf.Tensor":
    """Two digits or more [n]."""
    return tf.strings.as_string(numbers, width=2, fill="0")


def _calendar(julian: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor, tf.Tensor]":
    """Year, month and day [n] of Julian day numbers [n] (Richards, as below)."""
    f = julian + 1401 + (4 * julian + 274277) // 146097 * 3 // 4 - 38
    e = 4 * f + 3
    h = 5 * (e % 1461 // 4) + 2
    month = (h // 153 + 2) % 12 + 1
    return e // 1461 - 4716 + (14 - month) // 12, month, h % 153 // 5 + 1


def _julian_day(year: "tf.Tensor", month: "tf.Tensor", day: "tf.Tensor") -> "tf.Tensor":
    """Days [n] since a Monday 4713 BC (Richards, Explanatory Supplement to the Astronomical Almanac, 15.11)."""
    early = (14 - month) // 12
    years, months = year + 4800 - early, month + 12 * early - 3
    return day + (153 * months + 2) // 5 + 365 * years + years // 4 - years // 100 + years // 400 - 32045
