"""Where JPEG and PNG files have their EXIF block, and how it says that their picture is turned, by TensorFlow's ops.

Formats: JPEG (ITU T.81) annex B, PNG specification section 5, EXIF 2.32 sections 4.5 and 4.7, TIFF 6.0 section 2.
Used by `decoder`.
"""

from dataclasses import dataclass

import tensorflow as tf

from noria_trainers.modality.image.octets import big, cut, divided, little, octets, starts

UPRIGHT = 1
NOWHERE = 0
_EXIF_SEGMENT, _EXIF_BYTES = b"\xff\xe1", b"Exif\0\0"
_MARKER, _END_OF_IMAGE, _START_OF_SCAN = 0xFF, 0xD9, 0xDA
_MOST_SEGMENTS = 1024
_TAIL_BYTES = 1 << 16
_TAG, _SHORT, _LONG, _LARGEST = 0x0112, 3, 4, 8
_MOST = 1 << 30
"""More than any file's size; what is added to it is still no more than an int32 holds."""
_ENTRIES, _ENTRY_BYTES = 256, 12
"""Directories have some tens of entries."""


@dataclass(frozen=True)
class Chunks:
    """What the chunks of PNG files say."""

    has_transparency: tf.Tensor
    """Whether there is one that makes colours transparent, bool [n]."""
    exif: tf.Tensor
    """Where the EXIF block begins, int32 [n]."""


def of_jpegs(files: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    """Where the EXIF block of each chosen (bool [n]) JPEG file begins, int32 [n]: in a segment before the pixels."""

    def step(at: tf.Tensor, open_: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        head = octets(files, at, 4)
        code = head[:, 1]
        ends = tf.logical_or(tf.equal(code, _START_OF_SCAN), tf.equal(code, _END_OF_IMAGE))
        ends = tf.logical_or(tf.logical_or(ends, tf.not_equal(head[:, 0], _MARKER)), has_exif(at))
        goes_on = tf.logical_and(open_, tf.logical_not(ends))
        length = tf.where(tf.equal(code, _MARKER), 1, 2 + big(head[:, 2:]))
        return tf.where(goes_on, at + length, at), goes_on

    def has_exif(at: tf.Tensor) -> tf.Tensor:
        return tf.logical_and(starts(files, _EXIF_SEGMENT, at), starts(files, _EXIF_BYTES, at + 4))

    start = tf.fill(tf.shape(chosen), 2)
    at, _ = tf.while_loop(
        lambda _, open_: tf.reduce_any(open_), step, (start, chosen), maximum_iterations=_MOST_SEGMENTS
    )
    return tf.where(tf.logical_and(chosen, has_exif(at)), at + 4 + len(_EXIF_BYTES), NOWHERE)


def of_pngs(files: tf.Tensor, chosen: tf.Tensor) -> Chunks:
    """What the chunks of each chosen (bool [n]) PNG file say: those before the pixels and those at its end."""

    def step(
        at: tf.Tensor, clear: tf.Tensor, exif: tf.Tensor, open_: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        kind = cut(files, at + 4, 4)
        ends = tf.logical_or(tf.equal(kind, b"IDAT"), tf.strings.length(kind) < 4)
        clear = tf.logical_or(clear, tf.logical_and(open_, tf.equal(kind, b"tRNS")))
        exif = tf.where(tf.logical_and(open_, tf.equal(kind, b"eXIf")), at + 8, exif)
        goes_on = tf.logical_and(open_, tf.logical_not(ends))
        return tf.where(goes_on, at + 12 + tf.minimum(big(octets(files, at, 4)), _MOST), at), clear, exif, goes_on

    nowhere = tf.fill(tf.shape(chosen), NOWHERE)
    start = (nowhere + 8, tf.zeros_like(chosen), nowhere, chosen)
    at, clear, exif, _ = tf.while_loop(
        lambda *state: tf.reduce_any(state[3]), step, start, maximum_iterations=_MOST_SEGMENTS
    )
    size = tf.strings.length(files)
    tail = tf.where(chosen, tf.maximum(at, size - _TAIL_BYTES), size)
    before, found = divided(cut(files, tail), b"eXIf")
    at_end = tf.where(found, tail + tf.strings.length(before) + 4, NOWHERE)
    return Chunks(clear, tf.where(tf.equal(exif, NOWHERE), at_end, exif))


def orientations(files: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    """The orientation, int32 [n] from 1 to 8, that the EXIF block there (int32 [n]) says; upright without one."""
    found = tf.not_equal(start, NOWHERE)
    return tf.cond(
        tf.reduce_any(found),
        lambda: tf.where(found, _of_blocks(files, start), UPRIGHT),
        lambda: tf.fill(tf.shape(start), UPRIGHT),
    )


def _of_blocks(files: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    is_little, is_big = starts(files, b"II*\0", start), starts(files, b"MM\0*", start)

    def number(digits: tf.Tensor) -> tf.Tensor:
        """From [n, k] or [n, entries, k]."""
        chosen = tf.reshape(is_little, [-1, *[1] * (len(digits.shape) - 2)])
        return tf.where(chosen, little(digits), big(digits))

    directory = start + tf.minimum(number(octets(files, start + 4, 4)), _MOST)
    count = number(octets(files, directory, 2))
    entries = tf.reshape(octets(files, directory + 2, _ENTRIES * _ENTRY_BYTES), [-1, _ENTRIES, _ENTRY_BYTES])
    tags, kinds = number(entries[..., 0:2]), number(entries[..., 2:4])
    values = tf.where(tf.equal(kinds, _LONG), number(entries[..., 8:12]), number(entries[..., 8:10]))
    known = tf.logical_and(tf.equal(tags, _TAG), tf.logical_or(tf.equal(kinds, _SHORT), tf.equal(kinds, _LONG)))
    known = tf.logical_and(known, tf.logical_and(tf.range(_ENTRIES) < count[:, tf.newaxis], values <= _LARGEST))
    found = tf.reduce_max(tf.where(known, values, UPRIGHT), 1)
    return tf.where(tf.logical_or(is_little, is_big), tf.maximum(found, UPRIGHT), UPRIGHT)
