"""How an image looks to a model, decoded as training and served models decode it. Called by `reading`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock

import numpy as np
import tensorflow as tf

from noria_trainers.modality.image import decoder
from noria_trainers.modality.image.depth import FULL_RANGE

LUMA = (0.299, 0.587, 0.114)
_PNG, _DEPTH, _DEEP = b"\x89PNG", slice(24, 25), b"\x10"
_TRACING = Lock()
"""TensorFlow warns of retracing where other threads wait for the first one to trace a graph."""


@dataclass(frozen=True)
class Look:
    """An image as it is decoded."""

    height: int
    """In pixels."""
    width: int
    """In pixels."""
    brightness: float
    """Mean of the grey values; 1 is the largest value of the full range."""
    contrast: float
    """Their standard deviation."""
    peak: int | None
    """The largest value of an image of 16 bits."""


def look(content: bytes) -> Look:
    """Raises ValueError where the file cannot be decoded."""
    deep = content.startswith(_PNG) and content[_DEPTH] == _DEEP
    try:
        shape, light, peak = (each.numpy() for each in _graph(deep=deep)(tf.constant(content)))
    except tf.errors.OpError as error:
        raise ValueError("cannot be decoded") from error
    brightness, contrast = np.asarray(light, np.float64).tolist()
    return Look(int(shape[0]), int(shape[1]), brightness, contrast, int(peak) if deep else None)


def _graph(*, deep: bool) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    with _TRACING:
        return _traced(deep)


@cache
def _traced(deep: bool) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    found: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]
    found = (_deep if deep else _flat).get_concrete_function()
    return found


@tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
def _flat(file: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    prepared = decoder.prepare(file[tf.newaxis])
    image = decoder.decode(*(part[0] for part in prepared.parts))
    return tf.shape(image), _light(tf.cast(image, tf.float32) / 255), tf.constant(0)


@tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
def _deep(file: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The same of 16 bits, unrounded: of 12 bits in the full range little would be left."""
    shape, _, _ = _flat(file)
    image = decoder.deep_pixels(file)
    light = tf.cast(image, tf.float32) / FULL_RANGE
    opaque = light[..., 3:]
    return shape, _light(light[..., :3] * opaque + 1 - opaque), decoder.peak(image)


def _light(image: tf.Tensor) -> tf.Tensor:
    """Mean and standard deviation of the grey values of an image [h, w, 3]."""
    grey = tf.tensordot(image, tf.constant(LUMA), 1)
    return tf.stack([tf.reduce_mean(grey), tf.math.reduce_std(grey)])
