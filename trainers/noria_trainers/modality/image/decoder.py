"""Image files to pixels, by TensorFlow's ops alone. Profile, training and served models decode with this and with
nothing else, so that what one of them sees all see.

| format                        | what is done                                                                  |
|-------------------------------|-------------------------------------------------------------------------------|
| JPEG                          | turned as its EXIF block says; CMYK becomes RGB                               |
| PNG                           | turned likewise, put on white where it is transparent, 16 bits scaled to 8    |
| GIF                           | its first frame, put on white; fails where that is a part of the picture      |
| BMP of 24 or 32 bits, or grey | as it is                                                                      |
| any other                     | fails                                                                         |

What the files' bytes say is found out for many files at once and cannot fail; then each is decoded by itself, which
can. That second part has few ops: a server sets them up for every request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import tensorflow as tf

from noria_trainers.modality.image import bmp, exif, gif
from noria_trainers.modality.image.depth import DEPTHS, FULL_RANGE
from noria_trainers.modality.image.octets import starts

_JPEG, _PNG, _GIF, _BMP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM"
_DEPTH_AT, _COLOUR_AT = 24, 25
_DEEP, _CLEAR_COLOURS = b"\x10", (b"\4", b"\6")
_OTHER, _DECODED, _SIMPLE, _CLEAR, _DEEP_PNG = range(5)
"""Ways to decode a file."""
_MIRRORED, _UPSIDE_DOWN, _TRANSPOSED = (2, 3, 6, 7), (3, 4, 7, 8), 5
"""Orientations; the last from that one on."""


@dataclass(frozen=True)
class Files:
    """n files, each with what must be known to decode it."""

    content: tf.Tensor
    """Strings [n]."""
    way: tf.Tensor
    """int32 [n]."""
    orientation: tf.Tensor
    """int32 [n], 1 to 8."""

    @property
    def parts(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Each [n], in the order that `decode` takes them."""
        return self.content, self.way, self.orientation


def prepare(files: tf.Tensor) -> Files:
    """What the bytes of the files, strings [n], say."""
    is_jpeg, is_png, is_gif, is_bmp = (starts(files, mark) for mark in (_JPEG, _PNG, _GIF, _BMP))
    chunks = exif.of_pngs(files, is_png)
    orientation = exif.orientations(files, tf.where(is_png, chunks.exif, exif.of_jpegs(files, is_jpeg)))
    clear = reduce(tf.logical_or, [starts(files, colour, _COLOUR_AT) for colour in _CLEAR_COLOURS])
    clear = tf.logical_or(clear, chunks.has_transparency)
    png = tf.where(starts(files, _DEEP, _DEPTH_AT), _DEEP_PNG, tf.where(clear, _CLEAR, _DECODED))
    content, is_gif = _gifs(files, is_gif)
    simple = tf.logical_or(is_gif, tf.logical_and(is_bmp, bmp.is_decodable(files)))
    other = tf.where(simple, _SIMPLE, _OTHER)
    return Files(content, tf.where(is_jpeg, _DECODED, tf.where(is_png, png, other)), orientation)


def decode(content: tf.Tensor, way: tf.Tensor, orientation: tf.Tensor, *, whites: Sequence[int] = DEPTHS) -> tf.Tensor:
    """Pixels, uint8 [h, w, 3], of one of the prepared files. `whites` are as `depth.white_for` takes them.

    Fails with InvalidArgument for whatever it cannot decode.
    """
    image = tf.switch_case(
        way,
        {
            _OTHER: _refused,
            _DECODED: lambda: _decoded(content),
            _SIMPLE: lambda: tf.io.decode_image(content, channels=3, expand_animations=False),
            _CLEAR: lambda: _on_white(tf.io.decode_png(content, channels=4)),
            _DEEP_PNG: lambda: _on_white(_scaled(deep_pixels(content), whites)),
        },
    )
    return _turned(tf.ensure_shape(image, [None, None, 3]), orientation)


def deep_pixels(content: tf.Tensor) -> tf.Tensor:
    """Pixels, uint16 [h, w, 4], of a PNG file, as they are stored."""
    return tf.io.decode_png(content, channels=4, dtype=tf.uint16)


def peak(image: tf.Tensor) -> tf.Tensor:
    """The largest value, int32 [], of the colours of an image of 16 bits, uint16 [h, w, 4]."""
    return tf.reduce_max(tf.cast(image[..., :3], tf.int32))


def _gifs(files: tf.Tensor, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The files [n] with the chosen (bool [n]) GIF files opaque, and which of these can be decoded, bool [n]."""

    def read() -> tuple[tf.Tensor, tf.Tensor]:
        frame = gif.first_frame(files, chosen)
        return tf.where(chosen, gif.opaque(files, frame), files), tf.logical_and(chosen, gif.is_decodable(files, frame))

    opaque, readable = tf.cond(tf.reduce_any(chosen), read, lambda: (files, chosen))
    return opaque, readable


def _decoded(content: tf.Tensor) -> tf.Tensor:
    """A JPEG or PNG file. Of the methods for JPEG this is the one that gives the same pixels as other programs."""
    return tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")


def _turned(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """The image [h, w, 3] as it is to be seen; [w, h, 3] where the orientation turns it by a quarter."""

    def turn() -> tf.Tensor:
        order = tf.where(orientation >= _TRANSPOSED, [1, 0, 2], [0, 1, 2])
        flips = [tf.reduce_any(tf.equal(orientation, each)) for each in (_UPSIDE_DOWN, _MIRRORED)]
        turned = tf.reverse(tf.transpose(image, order), tf.boolean_mask([0, 1], tf.stack(flips)))
        return tf.ensure_shape(turned, [None, None, 3])

    return tf.cond(tf.equal(orientation, exif.UPRIGHT), lambda: image, turn)


def _scaled(image: tf.Tensor, whites: Sequence[int]) -> tf.Tensor:
    """uint16 to uint8; the last channel, how opaque a pixel is, always has the full range."""
    holds = tf.constant(whites) >= peak(image)
    white = tf.where(tf.reduce_any(holds), tf.gather(whites, tf.argmax(holds)), whites[-1])
    ranges = tf.cast(tf.stack([white, white, white, FULL_RANGE]), tf.float32)
    return tf.cast(tf.round(tf.minimum(tf.cast(image, tf.float32) / ranges, 1) * 255), tf.uint8)


def _on_white(image: tf.Tensor) -> tf.Tensor:
    """uint8 [h, w, 4] to [h, w, 3]."""
    wide = tf.cast(image, tf.float32)
    opaque = wide[..., 3:] / 255
    return tf.cast(tf.round(wide[..., :3] * opaque + 255 * (1 - opaque)), tf.uint8)


def _refused() -> tf.Tensor:
    with tf.control_dependencies([tf.debugging.Assert(tf.constant(False), ["not a JPEG, PNG, GIF or BMP file"])]):
        return tf.zeros([0, 0, 3], tf.uint8)
