"""Scaling of numeric columns by statistics of the training rows. Used by `table.columns`."""

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

STANDARD, QUANTILE = "standard", "quantile"
FURTHEST = 30.0
"""Scaled values are cut here: one absurd number must not decide everything."""
_KNOTS = 33


@dataclass(frozen=True)
class Numbers:
    """Scales columns to mean 0 and deviation 1, or by their quantiles to a normal distribution.

    What is missing or infinite becomes 0; columns that miss values in training have a further number that marks them.
    """

    mean: NDArray[np.float32]
    """[columns]"""
    deviation: NDArray[np.float32]
    """[columns]"""
    incomplete: NDArray[np.int32]
    """Indices of the columns that miss values."""
    knots: NDArray[np.float32] | None
    """Quantiles [columns, knots] in standard scale; none: no scaling by quantiles."""
    edges: NDArray[np.float32] | None
    """The same as they lie in the data: compared with these, no rounding moves a value that is itself a quantile."""

    @classmethod
    def of(cls, values: NDArray[np.float32], scaling: str) -> "Numbers":
        """Statistics of the training values [n, columns], NaN where they are missing."""
        finite = np.isfinite(values)
        count = np.maximum(finite.sum(axis=0), 1)
        mean = np.where(finite, values, 0).sum(axis=0, dtype=np.float64) / count
        centred = np.where(finite, values - mean, 0)
        deviation = np.sqrt(np.square(centred).sum(axis=0) / count)
        deviation = np.where(deviation > 1e-6 * np.abs(mean) + 1e-30, deviation, 1)
        incomplete = np.flatnonzero(~finite.all(axis=0))
        scaled = cls(mean.astype(np.float32), deviation.astype(np.float32), incomplete.astype(np.int32), None, None)
        if scaling != QUANTILE:
            return scaled
        edges = _knots(np.where(finite, values, np.nan).astype(np.float64))
        knots = (edges - mean[:, np.newaxis]) / deviation[:, np.newaxis]
        return replace(scaled, knots=knots.astype(np.float32), edges=edges.astype(np.float32))

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return len(self.mean) + len(self.incomplete)

    def encode(self, values: tf.Tensor) -> tf.Tensor:
        """Scaled values and marks of the missing [b, width] of values [b, columns]."""
        present = tf.math.is_finite(values)
        scaled = tf.where(present, (values - self.mean) / self.deviation, 0.0)
        if self.knots is not None and self.edges is not None:
            above = tf.searchsorted(self.edges, tf.transpose(tf.where(present, values, 0.0)))
            scaled = tf.where(present, _by_quantile(scaled, self.knots, above), 0.0)
        missing = 1.0 - tf.cast(tf.gather(present, self.incomplete, axis=1), tf.float32)
        return tf.concat([tf.clip_by_value(scaled, -FURTHEST, FURTHEST), missing], axis=1)


def _by_quantile(scaled: tf.Tensor, knots: NDArray[np.float32], above: tf.Tensor) -> tf.Tensor:
    """Scaled values [b, columns]: piecewise linear between the knots [columns, knots], flat outside of them; `above`
    [columns, b] are the first knots that are not below.
    """
    columns, above = tf.transpose(scaled), tf.clip_by_value(above, 1, _KNOTS - 1)
    low, high = tf.gather(knots, above - 1, batch_dims=1), tf.gather(knots, above, batch_dims=1)
    share = tf.clip_by_value((columns - low) / tf.maximum(high - low, 1e-9), 0.0, 1.0)
    normal = tf.constant(_normal())
    return tf.transpose(tf.gather(normal, above - 1) * (1 - share) + tf.gather(normal, above) * share)


def _knots(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles [columns, knots] of values [n, columns], NaN where missing; a column without any value has zeros."""
    filled = np.where(np.isnan(values).all(axis=0), 0.0, values)
    return np.asarray(np.nanquantile(filled, np.linspace(0, 1, _KNOTS), axis=0).T, np.float64)


def _normal() -> NDArray[np.float32]:
    """A normal distribution's quantiles at the knots [knots]; the outermost stand for the middle of their ends."""
    shares = np.clip(np.linspace(0, 1, _KNOTS), 0.25 / _KNOTS, 1 - 0.25 / _KNOTS)
    return np.asarray([NormalDist().inv_cdf(share) for share in shares], np.float32)
