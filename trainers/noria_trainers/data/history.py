"""How earlier revisions divided the examples that a profile finds again. Read by `modality.known` for `division`."""

import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.examples import Examples
from noria_trainers.data.manifest import SPLITS, SplitRule
from noria_trainers.data.split_keys import APART, SplitKeys
from noria_trainers.data.splits import HOLDOUT, UNDECIDED, lowest


@dataclass(frozen=True)
class Placed:
    """Keys [k], and the split of each [k] as an index into SPLITS."""

    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    splits: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    def __add__(self, other: "Placed") -> "Placed":
        return Placed(np.concatenate([self.keys, other.keys]), np.concatenate([self.splits, other.splits]))

    def of(self, asked: NDArray[np.uint64]) -> NDArray[np.int8]:
        """The split of each key asked for [n], UNDECIDED where it is none of these.

        Of several it is the first in SPLITS: what was trained on stays so.
        """
        if not len(self.keys):
            return np.full(len(asked), UNDECIDED, np.int8)
        order = np.lexsort((self.splits, self.keys))
        keys, first = np.unique(self.keys[order], return_index=True)
        place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.where(keys[place] == asked, self.splits[order][first[place]], UNDECIDED).astype(np.int8)

    def without(self, keys: NDArray[np.uint64]) -> "Placed":
        """Those of other keys, each once."""
        left = np.setdiff1d(self.keys, keys)
        return Placed(left, self.of(left))


@dataclass(frozen=True)
class Earlier:
    """What earlier revisions had and a later one lacks: it keeps its split for the day that it returns."""

    examples: Placed = field(default_factory=Placed)
    groups: Placed = field(default_factory=Placed)

    def __add__(self, other: "Earlier") -> "Earlier":
        return Earlier(self.examples + other.examples, self.groups + other.groups)

    def __bool__(self) -> bool:
        return bool(len(self.examples.keys) or len(self.groups.keys))

    def to_bytes(self) -> bytes:
        """As a NumPy file, the same bytes for the same content."""
        file = io.BytesIO()
        arrays = (self.examples.keys, self.examples.splits, self.groups.keys, self.groups.splits)
        np.savez(file, **dict(zip(_ARRAYS, arrays, strict=True)))  # type: ignore[arg-type]  # names are no options
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Earlier":
        """What `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            keys, splits, groups, group_splits = (arrays[name] for name in _ARRAYS)
        return cls(Placed(keys, splits), Placed(groups, group_splits))


_ARRAYS = ("keys", "splits", "groups", "group_splits")
EARLIER = "earlier-"
"""What names of files begin with that hold an `Earlier`. A revision that comes back gets another one: all count."""


def file_name(data: bytes) -> str:
    """Of a file with these bytes."""
    return f"{EARLIER}{hashlib.sha256(data).hexdigest()[:16]}.npz"


@dataclass(frozen=True)
class History:
    """The previous revision, of m examples, and what is kept of those before it."""

    keys: NDArray[np.uint64]
    """[m]"""
    features: NDArray[np.uint64]
    """[m]"""
    splits: NDArray[np.int8]
    """Indices into SPLITS [m]."""
    groups: Placed
    """Of the examples."""
    times: NDArray[np.float64]
    """[m], or none."""
    rule: SplitRule
    divided: bool
    earlier: Earlier = field(default_factory=Earlier)
    features_only: bool = False
    """Whether the features are hashed of other columns than the keys, so that only they can be compared."""

    @classmethod
    def of(cls, known: SplitKeys, earlier: Earlier) -> "History":
        """The keys of a revision as its history."""
        splits = np.repeat(np.arange(len(SPLITS), dtype=np.int8), [len(each) for each in known.all])
        groups = [each.groups for each in known.all if each.groups is not None]
        return cls(
            keys=np.concatenate([each.keys for each in known.all]),
            features=np.concatenate([each.features for each in known.all]),
            splits=splits,
            groups=Placed(np.concatenate(groups), splits) if groups else Placed(),
            times=np.concatenate([np.zeros(0), *(each.times for each in known.all if each.times is not None)]),
            rule=known.rule,
            divided=known.divided,
            earlier=earlier,
        )

    @property
    def is_of_unknown_rule(self) -> bool:
        """Whether the revision does not say what divided it."""
        return self.features_only and self.rule == SplitRule()

    def is_kept(self, examples: Examples, rule: SplitRule) -> bool:
        """Whether the same things tell examples apart."""
        mine, theirs = self.rule, rule
        alike = (mine.group, mine.time, self.divided) == (theirs.group, theirs.time, examples.divided)
        return alike and not self.features_only

    def splits_of(self, examples: Examples, features: NDArray[np.uint64], rule: SplitRule) -> NDArray[np.int8]:
        """The split that each example [n] has already, UNDECIDED where it has none; `features` [n] are hashed as these.

        | what tells equal examples apart | they are known by |
        |---|---|
        | nothing | their features |
        | label and number (divided) | that, else one with these features that is gone: it was relabelled |
        | group | the group, else their features where these differ in nearly all examples |
        | time | that, else their features where these differ in nearly all examples |
        """
        known = before = np.full(len(examples), UNDECIDED, np.int8)
        if self.is_kept(examples, rule):
            known = Placed(self.keys, self.splits).of(examples.identities)
            before = self.earlier.examples.of(examples.identities)
        if examples.divided:
            return _first(self._relabelled(known, examples, features), before)
        known = _first(known, before)
        if rule.group is None and rule.time is None:
            return _first(known, Placed(self.features, self.splits).of(features))
        known = _first(known, self._alone(features))
        return known if examples.groups is None or rule.time else self._whole(known, examples.groups, rule)

    def left(self, examples: Examples, rule: SplitRule) -> Earlier:
        """What is to be kept of the past beside these examples."""
        kept = Earlier(Placed(self.keys, self.splits), self.groups) + self.earlier
        if rule.time:
            kept = Earlier(self._out_of_turn()) + self.earlier
        examples_left = kept.examples.without(examples.identities) if self.is_kept(examples, rule) else Placed()
        if examples.groups is None or self.rule.group != rule.group:
            return Earlier(examples_left)
        return Earlier(examples_left, kept.groups.without(examples.groups))

    def _out_of_turn(self) -> Placed:
        """The examples that train though they are late, their times being corrected; the cut-offs say it of others."""
        if self.rule.holdout_from is None or not len(self.times):
            return Placed()
        late = (self.times >= self.rule.holdout_from) & (self.splits != HOLDOUT)
        return Placed(self.keys[late], self.splits[late])

    def _relabelled(
        self, known: NDArray[np.int8], examples: Examples, features: NDArray[np.uint64]
    ) -> NDArray[np.int8]:
        """Gives unknown examples the splits of those that are gone, one for one among those with equal features."""
        gone = np.flatnonzero(~np.isin(self.keys, examples.identities)) if len(self.keys) else np.zeros(0, np.int64)
        found = np.flatnonzero(known == UNDECIDED)
        free: dict[int, list[int]] = {}
        for index in gone[np.argsort(-self.splits[gone], kind="stable")]:
            free.setdefault(int(self.features[index]), []).append(int(self.splits[index]))
        known = known.copy()
        lower_half = examples.identities[found] << np.uint64(32)  # the upper one decides the split of a new example
        for index in found[np.argsort(lower_half, kind="stable")]:
            if places := free.get(int(features[index])):
                known[index] = places.pop()
        return known

    def _alone(self, features: NDArray[np.uint64]) -> NDArray[np.int8]:
        """The split of examples [n] whose features only one had and only one has."""
        mine, first, counts = np.unique(self.features, return_index=True, return_counts=True)
        if len(mine) < APART * len(self.features):
            return np.full(len(features), UNDECIDED, np.int8)
        alone = first[counts == 1]
        _, place, often = np.unique(features, return_inverse=True, return_counts=True)
        known = Placed(self.features[alone], self.splits[alone]).of(features)
        return np.where(often[place] == 1, known, UNDECIDED).astype(np.int8)

    def _whole(self, known: NDArray[np.int8], groups: NDArray[np.uint64], rule: SplitRule) -> NDArray[np.int8]:
        """One split for each group [n]: its own, else the first in SPLITS that one of its examples has."""
        if self.rule.group == rule.group:
            known = _first((self.groups + self.earlier.groups).of(groups), known)
        return lowest(known, groups)


def _first(known: NDArray[np.int8], otherwise: NDArray[np.int8]) -> NDArray[np.int8]:
    return np.where(known != UNDECIDED, known, otherwise).astype(np.int8)
