"""Which examples train, which validate and which are held out.

An example's split follows from a hash of its features, without its label, so that it stays there in every revision and
duplicates never straddle, unless too few examples differ for that (`few_distinct`). Where chance left a class too few
examples in a split, the nearest hashes are moved there.
With a Time column the latest examples are held out, those before them validate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noria_trainers.data.manifest import SPLITS

TRAIN, VALIDATION, HOLDOUT = range(len(SPLITS))
"""Indices into SPLITS, as the arrays here hold them."""
UNDECIDED, LEFT_OUT = -1, -2
"""In place of an index: no split was given, and none may have the example."""


MOST_MISSED = 0.05
"""How far chance may take the hold-out's share of the examples from what was asked."""
FEW_COPIES = 4
"""Examples that are not at least so many times as many as the distinct ones repeat too little to be divided."""


@dataclass(frozen=True)
class Shares:
    """How examples are divided: the hold-out's share of all, and the validation's, which is the same of the rest."""

    holdout: float
    rest: float | None = None
    """Validation's share of what is not held out, where it is another."""

    @property
    def validation(self) -> float:
        """Share of all examples."""
        return (self.holdout if self.rest is None else self.rest) * (1 - self.holdout)

    def least(self, minimum: int) -> tuple[int, int, int]:
        """Examples of a class that each split needs so that a class of `minimum` examples can be divided."""
        shares = self.holdout, self.validation
        holdout, validation = (max(1, round(minimum * share)) if share else 0 for share in shares)
        return max(1, minimum - holdout - validation), validation, holdout


def by_hash(
    keys: NDArray[np.uint64],
    labels: NDArray[np.int64],
    shares: Shares,
    minimum: int,
    *,
    known: NDArray[np.int8] | None = None,
) -> NDArray[np.int8]:
    """The split of each example [n]. Examples with equal keys [n] share theirs; `labels` [n] are class indices.

    Those that are `known` [n] stay where they are, and the others make up for what that lacks.
    """
    free = np.ones(len(keys), bool) if known is None else known == UNDECIDED
    position = keys / 2.0**64
    holdout, validation = _shares_of_free(len(keys), known, shares)
    bounds = holdout, holdout + validation
    splits = np.select([position < bounds[0], position < bounds[1]], [HOLDOUT, VALIDATION], TRAIN).astype(np.int8)
    if known is not None:
        splits = np.where(free, splits, known).astype(np.int8)
    _top_up(_Draw(splits, keys, labels, free), shares.least(minimum), bounds)
    return splits


def lowest(known: NDArray[np.int8], groups: NDArray[np.uint64]) -> NDArray[np.int8]:
    """For each example [n] the first in SPLITS of those that examples of its group [n] have; UNDECIDED without any."""
    _, group = np.unique(groups, return_inverse=True)
    first = np.full(len(groups), len(SPLITS), np.int8)
    decided = known != UNDECIDED
    np.minimum.at(first, group[decided], known[decided])
    return np.where(first < len(SPLITS), first, UNDECIDED)[group].astype(np.int8)


def _shares_of_free(count: int, known: NDArray[np.int8] | None, shares: Shares) -> tuple[float, float]:
    """Shares of hold-out and validation among the examples that have no split: those asked, unless what is known is
    further from them than chance explains. Some of the new ones train in any case.
    """
    asked = shares.holdout, shares.validation
    placed = 0 if known is None else int(np.count_nonzero(known != UNDECIDED))
    if known is None or not placed or placed == count:
        return asked
    found = []
    for share, split in zip(asked, (HOLDOUT, VALIDATION), strict=True):
        there = np.count_nonzero(known == split)
        is_near = abs(there / placed - share) <= MOST_MISSED
        found.append(share if is_near else max(0.0, share * count - there) / (count - placed))
    most = (1 + sum(asked)) / 2
    scale = min(1.0, most / max(sum(found), most))
    return found[0] * scale, found[1] * scale


def few_distinct(keys: NDArray[np.uint64], shares: Shares) -> bool:
    """Whether examples with keys [n] repeat so much that equal ones cannot stay together.

    Groups of equal examples with the shares s of all put a share of them into the hold-out whose standard deviation is
    sqrt(h (1 - h) sum(s²)), h being the share asked: they count like 1 / sum(s²) groups of one size. If twice
    that deviation is more than `MOST_MISSED`, the hold-out may be of any size and its score hangs on a few groups.
    """
    _, sizes = np.unique(keys, return_counts=True)
    concentration = float(np.square(sizes / max(1, len(keys))).sum())
    deviation = np.sqrt(shares.holdout * (1 - shares.holdout) * concentration)
    return bool(2 * deviation > MOST_MISSED and len(keys) * concentration >= FEW_COPIES)


@dataclass(frozen=True)
class Cutoffs:
    """The moments from which examples validate and are held out."""

    validation: float
    holdout: float

    @classmethod
    def of(cls, times: NDArray[np.float64], shares: Shares) -> "Cutoffs":
        """Those that divide examples at these times [n] by the shares."""
        ordered = np.sort(times)
        holdout = ordered[min(len(times) - 1, round(len(times) * (1 - shares.holdout)))] if shares.holdout else np.inf
        validation = ordered[min(len(times) - 1, round(len(times) * (1 - shares.holdout - shares.validation)))]
        return cls(float(validation), float(holdout))

    def not_before(self, validation: float | None, holdout: float | None) -> "Cutoffs":
        """These, but where earlier ones are later."""
        of_validation = self.validation if validation is None else max(self.validation, validation)
        return Cutoffs(of_validation, self.holdout if holdout is None else max(self.holdout, holdout))


def by_time(times: NDArray[np.float64], cutoffs: Cutoffs) -> NDArray[np.int8]:
    """The split [n] of examples at these times [n], the latest held out; examples of one moment stay together."""
    after = [times >= cutoffs.holdout, times >= cutoffs.validation]
    return np.select(after, [HOLDOUT, VALIDATION], TRAIN).astype(np.int8)


def class_counts(splits: NDArray[np.int8], labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Examples of each class in each split, [classes, splits]; splits and labels are [n]."""
    flat = np.bincount(labels * len(SPLITS) + splits, minlength=classes * len(SPLITS))
    return flat.reshape(classes, len(SPLITS)).astype(np.int64)


@dataclass(frozen=True)
class _Draw:
    """n examples in their splits, which change."""

    splits: NDArray[np.int8]
    """[n]"""
    keys: NDArray[np.uint64]
    """[n]"""
    labels: NDArray[np.int64]
    """[n]"""
    free: NDArray[np.bool_]
    """Whether each may move [n]."""


def _top_up(draw: _Draw, least: tuple[int, int, int], bounds: tuple[float, float]) -> None:
    """Moves groups of equal keys into splits where a class has too few, nearest first, while others can spare them."""
    counts = class_counts(draw.splits, draw.labels, int(draw.labels.max(initial=-1)) + 1)
    for label in np.argsort(counts.sum(axis=1), kind="stable"):
        for split in (HOLDOUT, VALIDATION, TRAIN):
            if counts[label].sum() > 0 and counts[label, split] < least[split]:
                _fill(draw, counts, int(label), split, least, bounds)


def _fill(
    draw: _Draw,
    counts: NDArray[np.int64],
    label: int,
    split: int,
    least: tuple[int, int, int],
    bounds: tuple[float, float],
) -> None:
    splits, keys, labels = draw.splits, draw.keys, draw.labels
    candidates = np.unique(keys[(labels == label) & (splits != split) & draw.free])
    low, high = {HOLDOUT: (0.0, bounds[0]), VALIDATION: bounds, TRAIN: (bounds[1], 1.0)}[split]
    position = candidates / 2.0**64
    distance = np.maximum(low - position, position - high)
    for key in candidates[np.argsort(distance, kind="stable")]:
        if counts[label, split] >= least[split]:
            return
        group = np.flatnonzero(keys == key)
        donor = int(splits[group[0]])
        moved = np.bincount(labels[group], minlength=len(counts))
        if all(counts[each, donor] - moved[each] >= least[donor] for each in np.flatnonzero(moved)):
            splits[group] = split
            counts[:, donor] -= moved
            counts[:, split] += moved
