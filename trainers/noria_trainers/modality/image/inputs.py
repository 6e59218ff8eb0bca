"""Encoded images of any size, grey, colour or CMYK, to uint8 pixels of one size."""

from dataclasses import dataclass

import tensorflow as tf

from noria_trainers.data.manifest import Manifest
from noria_trainers.modality.image import decoder
from noria_trainers.modality.image.depth import DEPTHS
from noria_trainers.modality.image.look import LUMA
from noria_trainers.modality.image.name import FEATURE
from noria_trainers.modality.inputs import VALID

RAW, PIXELS = FEATURE.served, "image"


@dataclass(frozen=True)
class Images:
    """Images of `height` x `width` with 1 (grey) or 3 channels."""

    height: int
    width: int
    channels: int
    whites: tuple[int, ...] = DEPTHS
    """Values of white in images of 16 bits."""

    @classmethod
    def typical(cls, manifest: Manifest, largest_side: int) -> "Images":
        """The median size of the training images, scaled down where a side is larger than that."""
        if (image := manifest.image) is None:
            raise ValueError("a revision without images has no typical one")
        height, width = image.height, image.width
        scale = min(1.0, largest_side / max(height, width))
        return cls(max(8, round(height * scale)), max(8, round(width * scale)), image.channels, image.whites)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one image."""
        return self.height, self.width, self.channels

    def signature(self) -> dict[str, tf.TensorSpec]:
        """One string: the bytes of a JPEG, PNG, GIF (of which the first frame counts) or BMP file."""
        return {RAW: tf.TensorSpec([None], tf.string, name=RAW)}

    def encode(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Pixels [b, height, width, channels] uint8. A row that is not an image is black and not `VALID`.

        A graph cannot catch an error, but a dataset passes over elements that have one. So the batch becomes a dataset
        of numbered rows; what is left of it is put back in its place. The row past the end keeps it from being empty.
        """
        files = raw[RAW]
        rows = tf.shape(files, out_type=tf.int64)[0]
        numbered = tf.data.Dataset.from_tensor_slices((tf.range(rows), *decoder.prepare(files).parts))
        readable = numbered.map(lambda row, *file: (row, self._decode(*file))).ignore_errors()
        past_the_end = tf.data.Dataset.from_tensors((rows, tf.zeros(self.shape, tf.uint8)))
        rows_read, pixels = readable.concatenate(past_the_end).batch(rows + 1).get_single_element()
        places = rows_read[:, tf.newaxis]
        image = tf.scatter_nd(places, pixels, tf.concat([[rows + 1], tf.constant(self.shape, tf.int64)], 0))
        valid = tf.scatter_nd(places, tf.ones_like(rows_read, tf.int32), [rows + 1])
        return {PIXELS: tf.ensure_shape(image[:rows], [None, *self.shape]), VALID: valid[:rows] > 0}

    def _decode(self, *file: tf.Tensor) -> tf.Tensor:
        """CMYK can only be decoded to colour, so grey is made from colour."""
        image = decoder.decode(*file, whites=self.whites)
        if self.channels == 1:
            image = tf.tensordot(tf.cast(image, tf.float32), tf.constant(LUMA), 1)[..., tf.newaxis]
        image, size = tf.cast(image, tf.float32), [self.height, self.width]
        fits = tf.reduce_all(tf.shape(image)[:2] == size)
        resized = tf.cond(fits, lambda: image, lambda: tf.image.resize(image, size, antialias=True))
        return tf.cast(tf.clip_by_value(tf.round(tf.ensure_shape(resized, self.shape)), 0, 255), tf.uint8)
