"""Transparency of GIF files made white: TensorFlow's decoder makes it black. Used by `decoder`.

Format: GIF89a specification, sections 18, 20 and 23.
"""

import tensorflow as tf

from noria_trainers.modality.image.octets import cut, divided, octets, replaced, starts

_HEADER_BYTES, _PACKED_AT = 13, 10
_CONTROL, _EXTENSION, _FRAME = b"!\xf9\x04", b"!", b","
_CONTROL_BYTES, _FRAME_BYTES = 5, 10
_WHITE = b"\xff\xff\xff"
_OCTETS = [bytes([value]) for value in range(256)]


def opaque(files: tf.Tensor) -> tf.Tensor:
    """The GIF files [n] with white for the transparent colour of the first frame's palette."""
    start = _HEADER_BYTES + _palette_bytes(_octet(files, _PACKED_AT))
    rest = cut(files, start)
    before, found = divided(rest, _CONTROL)
    control = start + tf.strings.length(before) + len(_CONTROL)
    flags = _octet(files, control)
    is_controlled = tf.logical_and(found, starts(rest, _EXTENSION))
    transparent = tf.logical_and(is_controlled, tf.equal(flags % 2, 1))
    unmarked = replaced(files, control, tf.gather(tf.constant(_OCTETS), tf.maximum(flags - 1, 0)))
    colour = _palette(files, control + _CONTROL_BYTES) + 3 * _octet(files, control + 3)
    return tf.where(transparent, replaced(unmarked, colour, tf.fill(tf.shape(files), _WHITE)), files)


def _palette(files: tf.Tensor, frame: tf.Tensor) -> tf.Tensor:
    """Where the palette of the frame that is described there [n] begins: its own, or the file's."""
    has_own = tf.logical_and(starts(files, _FRAME, frame), _octet(files, frame + _FRAME_BYTES - 1) >= 128)
    return tf.where(has_own, frame + _FRAME_BYTES, _HEADER_BYTES)


def _palette_bytes(packed: tf.Tensor) -> tf.Tensor:
    return tf.where(packed >= 128, 3 * tf.bitwise.left_shift(2, packed % 8), 0)


def _octet(files: tf.Tensor, at: tf.Tensor | int) -> tf.Tensor:
    return octets(files, at, 1)[:, 0]
