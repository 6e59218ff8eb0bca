"""The keys of a revision's examples: what makes an example of one revision the same one in another.

The profile writes them beside the shards, so that a comparison of models can leave out what either was trained on.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noria_store.verified import digest_of
from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import SPLITS, KeysFile, SplitName, SplitRule, TableColumn

FILE = "keys.npz"
APART = 0.9
"""Share of different ones among examples from which equal features mean the same example."""


@dataclass(frozen=True)
class KeyedSplit:
    """n examples of a split, in the order of its shards."""

    keys: NDArray[np.uint64]
    """[n]; sorted where features alone are the key."""
    features: NDArray[np.uint64]
    """Hash of the features [n]: the key, unless equal examples may be in different splits."""
    groups: NDArray[np.uint64] | None = None
    """Hash of the Group column's value [n]."""
    times: NDArray[np.float64] | None = None
    """Value of the Time column [n]: seconds since 1970, or a number."""

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class SplitKeys:
    """The keys of a revision, by split. `modality.known.split_keys` reads them."""

    train: KeyedSplit
    validation: KeyedSplit
    holdout: KeyedSplit
    rule: SplitRule
    columns: tuple[TableColumn, ...] = ()
    """Of rows: what their keys are made of."""
    divided: bool = False
    """Whether equal examples are in different splits because few differ."""

    @classmethod
    def of(cls, examples: Examples, chosen: Sequence[NDArray[np.int64]], *, rule: SplitRule) -> "SplitKeys":
        """Of the chosen examples of each split, as indices [k] in their order."""
        train, validation, holdout = (_keyed(examples, indices) for indices in chosen)
        return cls(train, validation, holdout, rule=rule, divided=examples.divided)

    @property
    def all(self) -> tuple[KeyedSplit, KeyedSplit, KeyedSplit]:
        """In the order of SPLITS."""
        return self.train, self.validation, self.holdout

    def keyed_by(self, columns: tuple[TableColumn, ...], features: Sequence[NDArray[np.uint64]]) -> "SplitKeys":
        """The same with keys of these columns: their hash [n] in each split."""
        splits = (
            KeyedSplit(hashed, hashed, each.groups, each.times) for each, hashed in zip(self.all, features, strict=True)
        )
        train, validation, holdout = splits
        return SplitKeys(train, validation, holdout, self.rule, columns)

    def is_comparable(self, other: "SplitKeys") -> bool:
        """Whether equal keys mean equal examples; `modality.known.comparable_keys` makes them so where it can."""
        return self.columns == other.columns

    def unseen(self, *trained: "SplitKeys") -> NDArray[np.bool_]:
        """Which held-out examples [n] no model of the revisions `trained` was trained or validated on.

        By key; where groups stay whole, no such group; where the latest are held out, later than every cut-off. None
        where keys are not comparable.
        """
        fair = np.ones(len(self.holdout), bool)
        for other in trained:
            if not self.is_comparable(other):
                return np.zeros(len(self.holdout), bool)
            fair &= ~self._seen_by(other)
        return fair

    def _seen_by(self, other: "SplitKeys") -> NDArray[np.bool_]:
        """Which held-out examples [n] the other revision trains or validates on."""
        held, used = self.holdout, (other.train, other.validation)
        seen = self._among(used, other)
        if held.groups is not None and self.rule.group == other.rule.group and self.rule.time is None:
            seen |= np.isin(held.groups, np.concatenate([each.groups for each in used if each.groups is not None]))
        if held.times is not None and self.rule.time == other.rule.time and other.rule.holdout_from is not None:
            seen |= held.times < other.rule.holdout_from
        return np.asarray(seen)

    def known_to(self, other: "SplitKeys") -> NDArray[np.bool_]:
        """Which held-out examples [n] the other revision has, whatever it does with them."""
        return self._among(other.all, other)

    def _among(self, splits: Sequence[KeyedSplit], other: "SplitKeys") -> NDArray[np.bool_]:
        """Which held-out examples [n] are in these splits of the other revision."""
        held = self.holdout
        found = np.isin(held.keys, np.concatenate([each.keys for each in splits]))
        features = np.concatenate([each.features for each in splits])
        if not self.is_keyed_as(other):
            found |= np.isin(held.features, features)
        elif other.is_apart:
            once = np.intersect1d(self.once, other.once)
            found |= np.isin(held.features, np.intersect1d(features, once))
        return np.asarray(found)

    @property
    def once(self) -> NDArray[np.uint64]:
        """The features that one example alone has [features], sorted hashes."""
        features, counts = np.unique(np.concatenate([each.features for each in self.all]), return_counts=True)
        return np.asarray(features[counts == 1])

    @property
    def is_apart(self) -> bool:
        """Whether equal features mean the same example, since nearly all differ."""
        features = np.concatenate([each.features for each in self.all])
        return len(np.unique(features)) >= APART * len(features)

    def is_keyed_as(self, other: "SplitKeys") -> bool:
        """Whether what tells equal examples apart is the same."""
        mine, theirs = self.rule, other.rule
        return (mine.group, mine.time, self.divided) == (theirs.group, theirs.time, other.divided)

    def to_bytes(self) -> bytes:
        """The arrays as a NumPy file, the same bytes for the same keys."""
        arrays: dict[str, NDArray[np.generic]] = {}
        for name, split in zip(SPLITS, self.all, strict=True):
            arrays[f"{name}_keys"] = split.keys
            if split.features is not split.keys and not np.array_equal(split.features, split.keys):
                arrays[f"{name}_features"] = split.features
            if split.groups is not None:
                arrays[f"{name}_groups"] = split.groups
            if split.times is not None:
                arrays[f"{name}_times"] = split.times
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]  # names are no options
        return file.getvalue()

    def described(self, data: bytes) -> KeysFile:
        """What the manifest says of the keys in `data`."""
        return KeysFile(name=FILE, digest=digest_of(data), columns=self.columns)


def _keyed(examples: Examples, chosen: NDArray[np.int64]) -> KeyedSplit:
    return KeyedSplit(
        examples.identities[chosen],
        examples.features[chosen],
        None if examples.groups is None else examples.groups[chosen],
        None if examples.times is None else examples.times[chosen],
    )


def splits_from(data: bytes) -> dict[SplitName, KeyedSplit]:
    """What `to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {
            name: KeyedSplit(
                keys=arrays[f"{name}_keys"],
                features=arrays.get(f"{name}_features", arrays[f"{name}_keys"]),
                groups=arrays.get(f"{name}_groups"),
                times=arrays.get(f"{name}_times"),
            )
            for name in SPLITS
        }
