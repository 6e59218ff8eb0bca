"""Bytes of many files at once within TensorFlow's graphs; nothing here fails, whatever the files are.

`files` are strings [n]. Used by `bmp`, `gif`, `exif` and `decoder`.
"""

import tensorflow as tf

_REST = 1 << 30
"""More bytes than any file has."""


def cut(files: tf.Tensor, start: tf.Tensor | int, length: int = _REST) -> tf.Tensor:
    """That many bytes of each file, or what there is of them, [n]; `start` is one number or [n]."""
    first = tf.minimum(tf.strings.length(files), start)
    return tf.strings.substr(files, first, tf.fill(tf.shape(first), length))


def octets(files: tf.Tensor, start: tf.Tensor | int, length: int) -> tf.Tensor:
    """That many bytes of each file as int32 [n, length]; zeros past its end."""
    return tf.cast(tf.io.decode_raw(cut(files, start, length), tf.uint8, fixed_length=length), tf.int32)


def little(digits: tf.Tensor) -> tf.Tensor:
    """The numbers [...] whose bytes, the lowest first, are `digits` int32 [..., k], without the highest bit of four."""
    places = [1 << 8 * place for place in range(digits.shape[-1])]
    return tf.reduce_sum(tf.bitwise.bitwise_and(digits, [*[255] * 3, 127][: len(places)]) * places, -1)


def big(digits: tf.Tensor) -> tf.Tensor:
    """The same with the highest byte first, [...] of [..., k]."""
    return little(digits[..., ::-1])


def starts(files: tf.Tensor, mark: bytes, at: tf.Tensor | int = 0) -> tf.Tensor:
    """Whether each file has the mark there, bool [n]."""
    return tf.equal(cut(files, at, len(mark)), mark)


def divided(files: tf.Tensor, mark: bytes) -> tuple[tf.Tensor, tf.Tensor]:
    """What each file has before the first mark, [n], and whether it has one, bool [n]."""
    parts = tf.strings.split(files, mark, maxsplit=1)
    return parts[:, :1].flat_values, parts.row_lengths() > 1


def replaced(files: tf.Tensor, at: tf.Tensor, by: tf.Tensor) -> tf.Tensor:
    """The files with the bytes `by` [n] from `at` [n] on, instead of as many others."""
    head = tf.strings.substr(files, tf.zeros_like(at), tf.minimum(at, tf.strings.length(files)))
    return tf.strings.join([head, by, cut(files, at + tf.strings.length(by))])
