"""Labelled examples between reading and writing: what splits, checks and the revision's digest are made from.

The content itself waits on disk (images, texts) or in a table.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

DIGEST_BYTES = 16


def digest(content: bytes) -> bytes:
    """What distinguishes one example's features from another's."""
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
    """Class indices or values [n]; or [n, k]: several values, or 1 for each class that an example has and 0 else."""
    digests: NDArray[np.uint64]
    """Of the features, [n, 2]."""
    groups: NDArray[np.uint64] | None = None
    """Hash of the Group column's value [n]; examples of one group share their split."""
    times: NDArray[np.float64] | None = None
    """Value of the Time column [n]; the latest examples are held out."""
    given: NDArray[np.int8] | None = None
    """The split [n] that the source gives each example, UNDECIDED where it gives none."""
    lasting: NDArray[np.uint64] | None = None
    """Hash of the features by which earlier revisions tell examples apart [n], where that is not the digest."""
    divided: bool = False
    """Whether equal examples may be in different splits, because so few differ."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def class_index(self) -> NDArray[np.int64]:
        """Class of each example [n], its rarest of several; values are all of one class, unnamed."""
        if not self.classes:
            return np.zeros(len(self), np.int64)
        return self.labels.astype(np.int64) if self.labels.ndim == 1 else _rarest(self.labels)

    @property
    def features(self) -> NDArray[np.uint64]:
        """What examples with equal features share [n], in every revision."""
        return self.digests[:, 0] if self.lasting is None else self.lasting

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """What decides an example's place among the others [n]: a hash of its features, so equal ones are neighbors.

        Where equal ones are divided it is a hash of the features, the label and how many such examples came before: an
        example that is added has a key of its own and moves no other.
        """
        if not self.divided:
            return self.features
        seen: Counter[bytes] = Counter()
        hashed = []
        hashes = self.digests if self.lasting is None else self.lasting
        for features, label in zip(hashes, self._label_names(), strict=True):
            content = features.tobytes() + label
            hashed.append(digest(content + seen[content].to_bytes(8)))
            seen[content] += 1
        return digests(hashed)[:, 0]

    @cached_property
    def identities(self) -> NDArray[np.uint64]:
        """What makes each example the same one in another revision [n]: its features; where equal ones may be in
        different splits also its moment, its group, or what tells its key from theirs.
        """
        beside = self.groups if self.times is None else self.times.view(np.uint64)
        if self.divided or beside is None:
            return self.keys
        pairs = np.column_stack([self.features, beside])
        return digests([digest(pair.tobytes()) for pair in pairs])[:, 0]

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The examples' order in a revision: by key, so without order of class, and the same for equal content.

        Indices [n].
        """
        return np.lexsort((*np.atleast_2d(self.labels.T), self.digests[:, 1], self.digests[:, 0], self.keys))

    def class_counts(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of the chosen examples have each class, [classes]; values are all of one class, unnamed."""
        if self.classes and self.labels.ndim > 1:
            return np.asarray(np.count_nonzero(self.labels[chosen], axis=0))
        return np.asarray(np.bincount(self.class_index[chosen], minlength=len(self.classes) or 1))

    def differ(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the labels of the examples `one` [m] differ from those of `other` [m]."""
        return np.asarray(np.any(self.labels[one] != self.labels[other], axis=tuple(range(1, self.labels.ndim))))

    def chosen(self, indices: NDArray[np.int64]) -> "Examples":
        """The examples at the indices [k]."""
        return replace(
            self,
            name=lambda index: self.name(int(indices[index])),
            labels=self.labels[indices],
            digests=self.digests[indices],
            groups=None if self.groups is None else self.groups[indices],
            times=None if self.times is None else self.times[indices],
            given=None if self.given is None else self.given[indices],
            lasting=None if self.lasting is None else self.lasting[indices],
        )

    def _label_names(self) -> list[bytes]:
        """Each example's label, by name where it is a class: indices change when classes are added."""
        if self.classes and self.labels.ndim == 1:
            return [self.classes[index].encode() for index in self.labels.astype(np.int64)]
        return [label.tobytes() for label in self.labels]


def _rarest(labels: NDArray[np.generic]) -> NDArray[np.int64]:
    """Of labels [n, classes] the class of each example [n] that the fewest have; `classes` where it has none."""
    counts = np.append(np.count_nonzero(labels, axis=0), len(labels) + 1)
    has = np.column_stack([labels != 0, np.ones(len(labels), bool)])
    return np.asarray(np.where(has, counts, len(labels) + 2).argmin(axis=1))
