"""Examples with one feature that is a string of bytes: images and texts, as TFRecord files have them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.examples import digest, digests
from noria_trainers.data.manifest import SplitName
from noria_trainers.data.revision import Revision
from noria_trainers.data.spool import Spool
from noria_trainers.lazy import Lazy
from noria_trainers.modality.encoded import EncodedExamples, Streamed
from noria_trainers.modality.inputs import Inputs

if TYPE_CHECKING:
    import tensorflow as tf
else:
    tf = Lazy("tensorflow")

SPOOL = "examples"
"""Name of the spool in scratch."""


@dataclass(frozen=True)
class Feature:
    """The names of the one feature."""

    stored: str
    """In TFRecord files."""
    served: str
    """In the serving signature."""


@dataclass(frozen=True)
class Records:
    """The content and labels of n examples, on disk. `chosen` [k] are indices of some of them."""

    spool: Spool
    labels: NDArray[np.int64]
    """Class indices [n]."""

    def read(self, chosen: NDArray[np.int64]) -> Iterator[bytes]:
        """The content of the chosen examples."""
        return (self.spool.read(int(index)) for index in chosen)

    def shards(self, name: str, chosen: NDArray[np.int64], folder: Path) -> Iterator[Path]:
        """TFRecord files of the chosen examples."""
        return self.spool.shards(name, chosen, self.labels, folder)


@dataclass(frozen=True)
class RecordSplit:
    """A split of a revision whose shards are TFRecord files."""

    revision: Revision
    split: SplitName
    scratch: Path
    feature: Feature

    @property
    def table(self) -> None:
        """None: examples are not rows."""
        return

    @property
    def texts(self) -> "Callable[[], tf.data.Dataset]":
        """Makes a dataset of the feature alone, unbatched strings."""
        return lambda: self._examples().map(lambda content, label: content)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class indices [n], sorted."""
        manifest = self.revision.manifest
        counts = manifest.splits[self.split].class_counts
        return np.repeat(np.arange(len(manifest.classes)), [counts.get(name, 0) for name in manifest.classes])

    def encoded(self, inputs: Inputs) -> EncodedExamples:
        """Examples as a stream that is cached as it was encoded."""
        named = self._examples().map(lambda content, label: ({self.feature.served: content}, label))
        return Streamed.of(named, inputs, self.revision.manifest.splits[self.split].examples, self.scratch)

    def batches(self, size: int) -> Iterator[tuple[dict[str, NDArray[np.generic]], NDArray[np.generic]]]:
        """Strings [size] by the input's name, and labels [size]."""
        for content, labels in self._examples(one_by_one=True).batch(size).as_numpy_iterator():
            yield {self.feature.served: content}, labels

    def digests(self) -> NDArray[np.uint64]:
        """Digests of the content [n, 2]."""
        examples = self._examples(one_by_one=True).as_numpy_iterator()
        return digests([digest(content) for content, _ in examples])

    def _examples(self, *, one_by_one: bool = False) -> "tf.data.Dataset":
        return self.revision.records(self.split, self.scratch, feature=self.feature.stored, one_by_one=one_by_one)
