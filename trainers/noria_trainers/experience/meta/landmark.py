"""Which configurations to run as landmarkers: cheap ones by whose scores the choice gains most.

Called where a seed of experience is made and by the benchmark; a profile only runs what was found here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from noria_trainers.experience.meta import likeness
from noria_trainers.experience.meta.evidence import LANDMARKER
from noria_trainers.experience.meta.table import Table

Array = NDArray[np.float64]

MOST = 3
MOST_LIKE = 40
"""Datasets that a choice is judged on here."""


@dataclass(frozen=True)
class Budget:
    """What landmarkers may take of the time of the five, in the middle and at the 90th percentile of datasets."""

    median: float = 0.06
    high: float = 0.15

    def allows(self, shares: Array) -> bool:
        """Whether these shares, one for each dataset, are within it."""
        return bool(np.median(shares) <= self.median and np.quantile(shares, 0.9) <= self.high)


def menu(families: Sequence[str], shares: Array, budget: Budget) -> list[tuple[int, ...]]:
    """Sets of up to `MOST` columns within the budget. The cheapest configuration of a family stands for it."""
    middle = np.median(shares, axis=0)
    cheapest: dict[str, int] = {}
    for column in np.argsort(middle, kind="stable"):
        cheapest.setdefault(families[column], int(column))
    alone = sorted(column for column in cheapest.values() if budget.allows(shares[:, column]))
    sets = [each for count in range(1, MOST + 1) for each in combinations(alone, count)]
    return [each for each in sets if budget.allows(shares[:, list(each)].sum(axis=1))]


def regret(
    sizes: Array, scores: Array, table: Table, landmarkers: Sequence[int], *, may_choose: bool, trees: int = 40
) -> float:
    """How far the best of five stays behind the best of all when chosen by these landmarkers, in a dataset's scale.

    Each dataset is chosen for by the trees that never saw it. `sizes` [datasets, n] are had for nothing, `scores`
    are whole; unless `may_choose`, the landmarkers are no candidates.
    """
    names = tuple(f"size{n}" for n in range(sizes.shape[1])) + tuple(f"{LANDMARKER}{c}" for c in landmarkers)
    known = np.column_stack([sizes, scores[:, list(landmarkers)]])
    weights = likeness.grow(names, known, table.position, trees=trees, seed=0).out_of_bag()
    shortfall = table.shortfall if may_choose else np.delete(table.shortfall, list(landmarkers), axis=1)
    return -float(_reached(shortfall.astype(np.float32), weights).mean())


def _reached(shortfall: NDArray[np.float32], weights: Array, k: int = 5) -> NDArray[np.float32]:
    """For all datasets at once what the greedy set of `k` reaches, judged on the datasets that count most."""
    count = len(weights)
    near = np.argsort(-weights, axis=1)[:, : min(MOST_LIKE, count)]
    shares = np.take_along_axis(weights, near, axis=1).astype(np.float32)
    around, rows = shortfall[near], np.arange(count)
    best = np.full((*near.shape, 1), -np.inf, dtype=np.float32)
    reached = np.full(count, -np.inf, dtype=np.float32)
    for _ in range(k):
        column = np.einsum("dn,dnc->dc", shares, np.maximum(around, best)).argmax(axis=1)
        best = np.maximum(best, around[rows, :, column][:, :, None])
        reached = np.maximum(reached, shortfall[rows, column])
    return reached


def select(
    sizes: Array, scores: Array, table: Table, sets: Sequence[tuple[int, ...]], *, may_choose: bool = False
) -> tuple[int, ...]:
    """The set with the least regret; none where there is no set."""
    found = [(regret(sizes, scores, table, each, may_choose=may_choose), each) for each in sets]
    return min(found)[1] if found else ()
