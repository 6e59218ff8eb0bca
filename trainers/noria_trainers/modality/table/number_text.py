"""Numbers as the words that stand for them in a table, in a graph. Used by `table.example`."""

import tensorflow as tf

_DIGITS = range(6, 10)
"""Nine tell all float32 apart."""
_WHOLE = 2.0**53


def number_text(numbers: tf.Tensor) -> tf.Tensor:
    """The shortest string that stands for each float32 [n] or [n, k].

    From 0.0001 up it is what `data.column.as_text` makes of the number. NaN is an empty string.
    """
    return tf.cond(tf.reduce_any(numbers != 0), lambda: _number_text(numbers), lambda: tf.fill(tf.shape(numbers), "0"))


def _number_text(numbers: tf.Tensor) -> tf.Tensor:
    found = tf.strings.as_string(numbers, precision=_DIGITS[-1], shortest=True)
    for digits in reversed(_DIGITS[:-1]):
        shorter = tf.strings.as_string(numbers, precision=digits, shortest=True)
        found = tf.where(tf.strings.to_number(shorter, tf.float32) == numbers, shorter, found)
    is_whole = (tf.floor(numbers) == numbers) & (tf.abs(numbers) < _WHOLE)
    found = tf.where(is_whole, tf.strings.as_string(tf.cast(numbers, tf.int64)), found)
    return tf.where(tf.math.is_nan(numbers), "", found)
