"""Which GIF files TensorFlow decodes rightly, and these with white where they are transparent: it makes that black.

It also paints black around a first frame that is a part of the picture, and does not take the last of several controls.
Used by `decoder`.

Format: GIF89a specification, sections 15 to 26.
"""

from dataclasses import dataclass

import tensorflow as tf

from noria_trainers.modality.image.octets import octets, replaced

_HEADER_BYTES, _SIZE_AT, _PACKED_AT = 13, 6, 10
_EXTENSION, _FRAME = 0x21, 0x2C
_CONTROL, _PLAIN_TEXT = 0xF9, 0x01
_FRAME_BYTES, _FRAME_PACKED_AT = 10, 9
_MOST_BLOCKS = 4096
"""Before the first frame: a colour profile or a camera's notes take some hundreds."""
_NOWHERE = 0
_WHITE = b"\xff\xff\xff"
_OCTETS = [bytes([value]) for value in range(256)]


@dataclass(frozen=True)
class FirstFrame:
    """Where n files have their first frame, and what controls it."""

    at: tf.Tensor
    """Of the frame's descriptor, int32 [n]; of whatever else ends the extensions where a file has no frame."""
    control: tf.Tensor
    """Of the flags of the extension that controls it, int32 [n]; `_NOWHERE` without one."""
    is_clear: tf.Tensor
    """Whether that control is the only one, and none may be meant for a text, bool [n]."""


def first_frame(files: tf.Tensor, chosen: tf.Tensor) -> FirstFrame:
    """Walks over the extensions, block by block, of each chosen (bool [n]) GIF file."""

    def step(
        at: tf.Tensor, control: tf.Tensor, clear: tf.Tensor, inside: tf.Tensor, open_: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """`inside` an extension are blocks, each led by its length; the empty one ends it."""
        head = octets(files, at, 2)
        begins = tf.logical_and(tf.logical_not(inside), tf.equal(head[:, 0], _EXTENSION))
        goes_on = tf.logical_and(open_, tf.logical_or(inside, begins))
        kind = tf.where(tf.logical_and(goes_on, begins), head[:, 1], -1)
        is_control = tf.equal(kind, _CONTROL)
        odd = tf.logical_and(is_control, tf.not_equal(control, _NOWHERE))
        clear = tf.logical_and(clear, tf.logical_not(tf.logical_or(odd, tf.equal(kind, _PLAIN_TEXT))))
        control = tf.where(is_control, at + 3, control)
        stays = tf.logical_or(begins, head[:, 0] > 0)
        at = tf.where(goes_on, at + tf.where(begins, 2, 1 + head[:, 0]), at)
        return at, control, clear, tf.logical_and(goes_on, stays), goes_on

    start = _HEADER_BYTES + _palette_bytes(_octet(files, _PACKED_AT))
    nowhere, outside = tf.fill(tf.shape(start), _NOWHERE), tf.zeros_like(chosen)
    at, control, clear, _, _ = tf.while_loop(
        lambda *state: tf.reduce_any(state[4]),
        step,
        (start, nowhere, tf.ones_like(chosen), outside, chosen),
        maximum_iterations=_MOST_BLOCKS,
    )
    return FirstFrame(at, control, clear)


def is_decodable(files: tf.Tensor, frame: FirstFrame) -> tf.Tensor:
    """Whether the first frame of each GIF file is as large as the picture and clearly controlled, bool [n]."""
    places = tf.concat([octets(files, frame.at, 1), octets(files, frame.at + 1, 4)], 1)
    size = tf.equal(octets(files, frame.at + 5, 4), octets(files, _SIZE_AT, 4))
    is_whole = tf.logical_and(tf.reduce_all(tf.equal(places, [_FRAME, 0, 0, 0, 0]), 1), tf.reduce_all(size, 1))
    return tf.logical_and(frame.is_clear, is_whole)


def opaque(files: tf.Tensor, frame: FirstFrame) -> tf.Tensor:
    """The GIF files [n] with white for the transparent colour of the first frame's palette."""
    flags = _octet(files, frame.control)
    transparent = tf.logical_and(tf.not_equal(frame.control, _NOWHERE), tf.equal(flags % 2, 1))
    unmarked = replaced(files, frame.control, tf.gather(tf.constant(_OCTETS), tf.maximum(flags - 1, 0)))
    own = _palette_bytes(_octet(files, frame.at + _FRAME_PACKED_AT))
    palette = tf.where(own > 0, frame.at + _FRAME_BYTES, _HEADER_BYTES)
    size = tf.where(own > 0, own, _palette_bytes(_octet(files, _PACKED_AT)))
    colour = 3 * _octet(files, frame.control + 3)
    whitened = replaced(unmarked, palette + colour, tf.fill(tf.shape(files), _WHITE))
    return tf.where(transparent, tf.where(colour < size, whitened, unmarked), files)


def _palette_bytes(packed: tf.Tensor) -> tf.Tensor:
    return tf.where(packed >= 128, 3 * tf.bitwise.left_shift(2, packed % 8), 0)


def _octet(files: tf.Tensor, at: tf.Tensor | int) -> tf.Tensor:
    return octets(files, at, 1)[:, 0]
