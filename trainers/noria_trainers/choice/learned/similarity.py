"""How much each known dataset counts for a new one: a forest's leaves show which are similar.

The forest predicts how configurations do on a dataset from its meta-features; datasets that share a leaf with the new
one share its fate, and their weight is how often they do (Meinshausen 2006). So what is alike is learned from results,
not from distances of meta-features. Half of its trees cut where it is best (Breiman 2001), half at random (Geurts,
Ernst, Wehenkel 2006): together they err less than either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from noria_trainers.choice.learned.evidence import LANDMARKER
from noria_trainers.lazy import Lazy

if TYPE_CHECKING:
    from sklearn import ensemble
else:
    ensemble = Lazy("sklearn.ensemble")

Array = NDArray[np.float64]

LEAST_KNOWN = 0.3
"""A meta-feature that fewer of the datasets have is not used."""
MOST_ROWS = 1000
"""Datasets that one tree sees, so that time grows with their number and not faster."""
COPIES, BLUR = 16, 0.05
"""A new dataset's landmarkers are noisy: beside itself this many copies of it go down the forest, each moved by a
normal deviate times this share of the landmarker's standard deviation over the known datasets."""


@dataclass(frozen=True)
class CommonFeatures:
    """Meta-features of the known datasets and of the new one, without gaps."""

    names: tuple[str, ...]
    known: Array
    """[datasets, names]"""
    new: Array
    """[names]"""

    @property
    def outside(self) -> tuple[str, ...]:
        """Meta-features in which the new dataset is beyond all that is known."""
        low, high = self.known.min(axis=0, initial=np.inf), self.known.max(axis=0, initial=-np.inf)
        return tuple(
            name for name, beyond in zip(self.names, (self.new < low) | (self.new > high), strict=True) if beyond
        )


def common_features(new: Mapping[str, float], known: Sequence[Mapping[str, float]], seed: int) -> CommonFeatures:
    """What the new dataset and enough of the known ones have.

    A gap takes the value of another dataset, drawn at random: then being missing is a mark of nothing.
    """
    names, table = [], []
    random = np.random.default_rng(seed)
    for name in sorted(name for name, value in new.items() if _number(value) is not None):
        column = np.array([_nan(features.get(name)) for features in known])
        present = np.isfinite(column)
        if not present.any() or present.mean() < LEAST_KNOWN:
            continue
        column[~present] = random.choice(column[present], size=int((~present).sum()))
        names.append(name)
        table.append(column)
    stacked = np.stack(table, axis=1) if table else np.empty((len(known), 0))
    return CommonFeatures(tuple(names), stacked, np.array([_nan(new[name]) for name in names]))


@dataclass(frozen=True)
class Forest:
    """Trees grown on the known datasets, and the leaf of each dataset in each tree."""

    names: tuple[str, ...]
    spread: Array
    """Of each meta-feature over the known datasets, where it is a landmarker; 0 elsewhere."""
    halves: "tuple[ensemble.RandomForestRegressor, ensemble.ExtraTreesRegressor]"
    home: NDArray[np.int64]

    def weights(self, new: Array, *, blur: float = BLUR, seed: int = 0) -> Array:
        """A weight for each known dataset, in all 1: [datasets] for the new dataset's meta-features [names]."""
        return shared(self.home, self.leaves(blurred(new, blur * self.spread, seed)))

    def leaves(self, rows: Array) -> NDArray[np.int64]:
        """The leaf that each row [rows, names] lands in, in each tree: [rows, trees]."""
        table = _with_differences(self.names, rows).astype(np.float32)
        return np.hstack([half.apply(table) for half in self.halves])

    @property
    def samples(self) -> list[NDArray[np.int64]]:
        """The known datasets that each tree was grown on. Indices [samples] for each tree."""
        return [sample for half in self.halves for sample in half.estimators_samples_]

    def out_of_bag(self) -> Array:
        """Weights of the known datasets [datasets, datasets] for each of them, by the trees that never saw it."""
        count = len(self.home)
        weights = np.zeros((count, count))
        for tree, seen in enumerate(self.samples):
            inside = np.bincount(seen, minlength=count)
            unseen = inside == 0
            together = (self.home[unseen, tree][:, None] == self.home[:, tree]) * inside
            weights[unseen] += together / together.sum(axis=1, keepdims=True)
        whole: Array = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
        return whole


def grow(names: tuple[str, ...], known: Array, position: Array, *, trees: int, seed: int) -> Forest:
    """A forest that predicts positions [datasets, factors] from meta-features [datasets, names], one or more."""
    table = _with_differences(names, known).astype(np.float32)
    target = position if position.shape[1] > 1 else position.ravel()
    shape = {"min_samples_leaf": 3, "max_features": 0.5, "bootstrap": True, "random_state": seed}
    shape["max_samples"] = min(len(position), MOST_ROWS)
    halves = (
        ensemble.RandomForestRegressor(trees - trees // 2, **shape),
        ensemble.ExtraTreesRegressor(max(1, trees // 2), **shape),
    )
    is_landmarker = np.array([name.startswith(LANDMARKER) for name in names])
    home = np.hstack([half.fit(table, target).apply(table) for half in halves])
    return Forest(names, known.std(axis=0) * is_landmarker, halves, home)


def weigh(found: CommonFeatures, position: Array, *, trees: int, seed: int) -> Array:
    """A weight for each known dataset [datasets], in all 1; equal ones where there is nothing in common to go by.

    `position` [datasets, factors]: what the forest learns to predict.
    """
    if not found.names:
        return np.full(len(position), 1 / len(position))
    return grow(found.names, found.known, position, trees=trees, seed=seed).weights(found.new, seed=seed)


def blurred(new: Array, spread: Array, seed: int) -> Array:
    """The new dataset [names], and below it copies moved by `spread` [names] where there is something to blur."""
    moves = np.random.default_rng(seed).standard_normal((COPIES, len(new)))
    return np.vstack([new, new + moves * spread]) if spread.any() else new[None]


def shared(home: NDArray[np.int64], landed: NDArray[np.int64]) -> Array:
    """Mean over trees and copies of being in the leaf that the copy landed in, each leaf's weight being 1 in all.

    `home` [datasets, trees] and `landed` [copies, trees] are leaves; the weights are [datasets].
    """
    weights = np.zeros(len(home))
    for tree in range(home.shape[1]):
        sizes = np.bincount(home[:, tree])
        visits = np.bincount(landed[:, tree], minlength=len(sizes)) / np.maximum(sizes, 1)
        weights += visits[home[:, tree]]
    whole: Array = weights / weights.sum()
    return whole


def _with_differences(names: Sequence[str], table: Array) -> Array:
    """Beside each pair of landmarkers their difference, which a tree could only find in many steps."""
    marks = [number for number, name in enumerate(names) if name.startswith(LANDMARKER)]
    return np.column_stack([table, *(table[:, a] - table[:, b] for a, b in combinations(marks, 2))])


def _number(value: object) -> float | None:
    is_sound = (
        isinstance(value, int | float) and bool(np.isfinite(value)) and abs(value) < float(np.finfo(np.float32).max)
    )
    return float(value) if is_sound and isinstance(value, int | float) else None


def _nan(value: object) -> float:
    number = _number(value)
    return np.nan if number is None else number
