"""Labelled examples between reading and writing: what splits, checks and the revision's digest are made from.

Filled by the profile's readers. The content itself waits on disk (images, texts) or in a table.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 16


def digest(content: bytes) -> bytes:
    """What tells one example's features from another's."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def digests(content_digests: list[bytes]) -> NDArray[np.uint64]:
    """Digests as numbers, [n, 2]."""
    return np.frombuffer(b"".join(content_digests), ">u8").astype(np.uint64).reshape(-1, 2)


@dataclass(frozen=True)
class Examples:
    """n readable, labelled examples."""

    name: Callable[[int], str]
    """How a person finds an example: its file or row."""
    classes: tuple[str, ...]
    labels: NDArray[np.int64] | NDArray[np.float64]
    """Class indices [n]; values for regression."""
    digests: NDArray[np.uint64]
    """Of the features, [n, 2]."""
    groups: NDArray[np.uint64] | None = None
    """Hash of the Group column's value [n]; examples of one group share their split."""
    times: NDArray[np.float64] | None = None
    """Value of the Time column [n]; the latest examples are held out."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def class_index(self) -> NDArray[np.int64]:
        """Class of each example; all of regression is one class, unnamed. An array [n]."""
        return self.labels.astype(np.int64) if self.classes else np.zeros(len(self), np.int64)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The examples' order in a revision: by digest, so without order of class, and the same for equal content.

        Indices [n].
        """
        return np.lexsort((self.labels, self.digests[:, 1], self.digests[:, 0]))
