"""The examples of a proof: held out from the candidate, and never trained or validated on by what it is compared with.

They are those of the candidate's revision: the latest, with labels that people have corrected and without examples that
they have removed. One that the other revision does not know at all is as fair as one that it holds out too.
Used by `proof.compare`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noria.contract import Origin
from noria_trainers.data.manifest import Manifest
from noria_trainers.data.revision import Revision
from noria_trainers.data.split_keys import SplitKeys
from noria_trainers.modality.known import comparable_keys, earlier, split_keys
from noria_trainers.modality.modality import split_of
from noria_trainers.modality.stored import StoredSplit
from noria_trainers.target.resample import Counts

Batch = dict[str, NDArray[np.generic]]
"""Arrays [b] by input of a serving signature."""
_BATCH = 64


@dataclass(frozen=True)
class HeldOut:
    """The n examples that the candidate's revision holds out."""

    revision: Revision
    keys: SplitKeys
    scratch: Path

    @classmethod
    def of(cls, revision: Revision, scratch: Path) -> "HeldOut":
        """Of the candidate's revision."""
        return cls(revision, split_keys(revision, scratch), scratch)

    def unseen(self, *others: Revision) -> NDArray[np.bool_]:
        """Which of them [n] none of these revisions trains or validates on, nor the candidate's own."""
        mine, *theirs = comparable_keys((self.revision, *others), self.scratch)
        return mine.unseen(mine, *theirs)

    def origins(self, served: Revision) -> NDArray[np.str_]:
        """Where each of them [n] came from, as members of `Origin`, for a version that was trained on `served`."""
        mine, theirs = comparable_keys((self.revision, served), self.scratch)
        is_known = mine.known_to(theirs) | np.isin(mine.holdout.keys, earlier(served).examples.keys)
        return np.where(is_known, str(Origin.KNOWN), str(Origin.ADDED))

    @cached_property
    def labels(self) -> NDArray[np.generic]:
        """Class indices of the revision, or values, [n]."""
        return np.concatenate([labels for _, labels in self._split().batches(_BATCH)])

    @cached_property
    def groups(self) -> Counts | None:
        """The group of each [n], counted from 0, where the Dataset has a Group column."""
        groups = self.keys.holdout.groups
        return None if groups is None else np.unique(groups, return_inverse=True)[1].astype(np.int64)

    def inputs(self, chosen: NDArray[np.bool_], asked: Manifest, size: int = _BATCH) -> Iterator[Batch]:
        """The chosen ones [n], `size` at a time, as a model of the revision with this manifest takes them."""
        start = 0
        for inputs, labels in self._split(asked).batches(size):
            here = chosen[start : start + len(labels)]
            start += len(labels)
            if here.any():
                yield {name: values[here] for name, values in inputs.items()}

    def _split(self, asked: Manifest | None = None) -> StoredSplit:
        revision = self.revision if asked is None else self.revision.read_as(asked.columns)
        return split_of(revision, "holdout", self.scratch)


def some(chosen: NDArray[np.bool_], most: int, seed: int) -> NDArray[np.bool_]:
    """At most so many of the chosen examples [n]."""
    places = np.flatnonzero(chosen)
    kept = np.zeros_like(chosen)
    kept[np.random.default_rng(seed).permutation(places)[:most]] = True
    return kept
