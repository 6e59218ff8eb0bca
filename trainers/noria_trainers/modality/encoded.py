"""Encoded examples, epoch by epoch in an order that seed and epoch decide.

Strings and files are decoded once, outside of the network; what that gave is kept in memory, or on disk if it is large.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from noria_trainers.lazy import Lazy
from noria_trainers.modality.inputs import Inputs

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

MEMORY_BYTES = 1 << 30
"""Larger splits are cached on disk."""
_ENCODED_AT_ONCE = 64
_SHUFFLED = 20_000
_EVALUATED_AT_ONCE = 256


class EncodedExamples(Protocol):
    """A split of encoded examples."""

    @property
    def count(self) -> int:
        """Examples."""

    def epoch(self, seed: int, number: int, batch: int) -> "tf.data.Dataset":
        """Batches of (features, labels): every example once, in the order of that epoch."""

    def in_order(self) -> "tf.data.Dataset":
        """Batches of (features, labels) in the revision's order."""

    def held(self) -> "Held":
        """All examples in memory."""


@dataclass(frozen=True)
class Streamed:
    """Examples that a dataset yields and caches: images and texts."""

    encoded: "tf.data.Dataset"
    count: int

    @classmethod
    def of(cls, raw: "tf.data.Dataset", inputs: Inputs, count: int, scratch: Path) -> "Streamed":
        """Encode unbatched (raw features, label) in parallel."""
        encoded = raw.batch(_ENCODED_AT_ONCE).map(
            lambda features, label: (inputs.encode(features), label), num_parallel_calls=tf.data.AUTOTUNE
        )
        encoded = encoded.unbatch().apply(tf.data.experimental.assert_cardinality(count))
        if count * _bytes(encoded.element_spec) <= MEMORY_BYTES:
            return cls(encoded.cache(), count)
        folder = tempfile.mkdtemp(prefix="encoded-", dir=scratch)  # a half-written cache of an earlier start is no use
        return cls(encoded.cache(str(Path(folder) / "cache")), count)

    def epoch(self, seed: int, number: int, batch: int) -> "tf.data.Dataset":
        """Shuffled whole where it is not too large."""
        shuffled = self.encoded.shuffle(min(self.count, _SHUFFLED), seed=seed + number, reshuffle_each_iteration=False)
        return shuffled.batch(batch).prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> "tf.data.Dataset":
        """As the shards have them."""
        return self.encoded.batch(_EVALUATED_AT_ONCE).prefetch(tf.data.AUTOTUNE)

    def held(self) -> "Held":
        """All of them, however large they are."""
        batches = list(self.in_order().as_numpy_iterator())
        features = {name: np.concatenate([each[name] for each, _ in batches]) for name in batches[0][0]}
        return Held(features, np.concatenate([labels for _, labels in batches]))


@dataclass(frozen=True)
class Held:
    """Examples in memory: the rows of a table."""

    features: dict[str, NDArray[np.generic]]
    """By name, [n, ...]."""
    labels: NDArray[np.generic]
    """[n]."""

    @classmethod
    def of(cls, raw: "Iterable[dict[str, tf.Tensor]]", inputs: Inputs, labels: NDArray[np.generic]) -> "Held":
        """Encode batches of raw features. Batches [batch, ...], `labels` [n]."""
        parts = [{name: part.numpy() for name, part in inputs.encode(batch).items()} for batch in raw]
        return cls({name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, labels)

    @property
    def count(self) -> int:
        """Examples."""
        return len(self.labels)

    def epoch(self, seed: int, number: int, batch: int) -> "tf.data.Dataset":
        """Whole batches are gathered at once: rows are too small to be handled one by one."""
        order = np.random.default_rng([seed, number]).permutation(self.count)
        return self._rows(tf.data.Dataset.from_tensor_slices(order).batch(batch))

    def in_order(self) -> "tf.data.Dataset":
        """All rows."""
        return self._rows(tf.data.Dataset.range(self.count).batch(4 * _EVALUATED_AT_ONCE))

    def held(self) -> "Held":
        """Itself."""
        return self

    def _rows(self, places: "tf.data.Dataset") -> "tf.data.Dataset":
        features, labels = {name: tf.constant(each) for name, each in self.features.items()}, tf.constant(self.labels)

        def rows(at: "tf.Tensor") -> "tuple[dict[str, tf.Tensor], tf.Tensor]":
            return {name: tf.gather(each, at) for name, each in features.items()}, tf.gather(labels, at)

        return places.map(rows, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _bytes(spec: "tuple[dict[str, tf.TensorSpec], tf.TensorSpec]") -> int:
    """Of one encoded example."""
    return sum(each.shape.num_elements() * each.dtype.size for each in [*spec[0].values(), spec[1]])
