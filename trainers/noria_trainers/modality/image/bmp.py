"""Which BMP files TensorFlow decodes rightly: it knows neither palettes nor packed pixels. Used by `decoder`.

Format: BITMAPFILEHEADER and BITMAPINFOHEADER of Microsoft's Windows GDI.
"""

import tensorflow as tf

from noria_trainers.modality.image.octets import little, octets, starts

_PALETTE_AT, _HEADER_BYTES = 54, 40
_GREYS = b"".join(bytes([value, value, value, 0]) for value in range(256))


def is_decodable(files: tf.Tensor) -> tf.Tensor:
    """Whether each of the BMP files [n] has pixels of 24 or 32 bits, or 256 greys, bool [n]."""
    size, depth, packing = (little(octets(files, *place)) for place in ((14, 4), (28, 2), (30, 4)))
    is_grey = tf.logical_and(tf.equal(depth, 8), starts(files, _GREYS, _PALETTE_AT))
    fits = tf.logical_or(is_grey, tf.logical_or(tf.equal(depth, 24), tf.equal(depth, 32)))
    return tf.logical_and(fits, tf.logical_and(size >= _HEADER_BYTES, tf.equal(packing, 0)))
