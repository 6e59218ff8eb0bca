"""Varies training images, a batch at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

Features = dict[str, tf.Tensor]


@dataclass(frozen=True)
class Variation:
    """How far an image is moved."""

    shift: float
    """Share of a side."""
    turn: float = 0.0
    """Radians."""
    zoom: float = 0.0
    """Share of the size."""


VARIATIONS = {
    "flip": Variation(0.0),
    "shift": Variation(0.06),
    "affine": Variation(0.06, turn=0.15, zoom=0.1),
}


def augmentation(name: str) -> Callable[[Features, tf.Tensor], Features] | None:
    """The variation of that name: mirrored half the time, and moved; none for `none`.

    It takes and gives a batch of images [n, height, width, channels].
    """
    if name == "none":
        return None
    variation = VARIATIONS[name]

    def augment(features: Features, seed: tf.Tensor) -> Features:
        image = features["image"]
        moves = _moves(tf.shape(image)[0], tf.cast(tf.shape(image)[1:3], tf.float32), variation, seed)
        return features | {"image": _moved(image, moves)}

    return augment


def _moves(batch: tf.Tensor, size: tf.Tensor, variation: Variation, seed: tf.Tensor) -> tf.Tensor:
    """Affine maps from places in the result to places in the image, [b, 8], about the image's middle."""
    random = tf.random.stateless_uniform([5, batch], seed, -1.0, 1.0)
    side = tf.where(random[0] < 0, -1.0, 1.0)
    zoom = 1 + variation.zoom * random[1]
    cosine, sine = tf.cos(variation.turn * random[2]) * zoom, tf.sin(variation.turn * random[2]) * zoom
    y, x = (size[0] - 1) / 2, (size[1] - 1) / 2
    right, down = tf.round(variation.shift * size[1] * random[3]), tf.round(variation.shift * size[0] * random[4])
    none = tf.zeros_like(cosine)
    return tf.stack(
        [
            *(side * cosine, -side * sine, x - side * (cosine * x - sine * y) + right),
            *(sine, cosine, y - sine * x - cosine * y + down),
            *(none, none),
        ],
        axis=1,
    )


def _moved(image: tf.Tensor, moves: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=image,
        transforms=moves,
        output_shape=tf.shape(image)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
