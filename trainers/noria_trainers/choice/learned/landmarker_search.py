"""Which configurations to run as landmarkers: cheap ones that predict best how all others do.

A profile only runs what was found here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from noria_trainers.choice.learned import pick, similarity
from noria_trainers.choice.learned.completion import CompletedScores
from noria_trainers.choice.learned.evidence import LANDMARKER

Array = NDArray[np.float64]

MOST = 4
NEAR = 0.5
"""In a dataset's scale: what stays further behind the best is out of the question, however far."""
MISSED = 0.01
"""In a dataset's scale: how much further behind the best a portfolio may stay without the landmarkers."""


@dataclass(frozen=True)
class Budget:
    """What landmarkers may take of the time of the five, in the middle and at the 90th percentile of datasets."""

    median: float = 0.08
    high: float = 0.14

    def allows(self, shares: Array) -> bool:
        """Whether these shares, one for each dataset, are within it. `shares` [datasets]."""
        return bool(np.median(shares) <= self.median and np.quantile(shares, 0.9) <= self.high)


@dataclass(frozen=True)
class Known:
    """What landmarkers are judged on: known datasets, with whole rows of scores."""

    sizes: Array
    """Had for nothing [datasets, n]."""
    scores: Array
    table: CompletedScores
    shares: Array
    """What each configuration takes, in the time of the dataset's five [datasets, configurations]."""

    def explained(self, landmarkers: Sequence[int], *, trees: int = 100) -> float:
        """The share of the variance of how near each configuration comes to the best that these foretell, at most 1.

        Each dataset is foretold by the trees that never saw it.
        """
        names = tuple(f"size{n}" for n in range(self.sizes.shape[1])) + tuple(f"{LANDMARKER}{c}" for c in landmarkers)
        known = np.column_stack([self.sizes, self.scores[:, list(landmarkers)]])
        weights = similarity.grow(names, known, self.table.position, trees=trees, seed=0).out_of_bag()
        nearness = np.maximum(self.table.shortfall, -NEAR)
        left = ((nearness - weights @ nearness) ** 2).sum()
        return float(1 - left / ((nearness - nearness.mean(axis=0)) ** 2).sum())

    def missed(self, landmarkers: Sequence[int]) -> float:
        """How much further behind the best the portfolio of five stays without these, in a dataset's scale."""
        equal, width = np.full(len(self.scores), 1 / len(self.scores)), self.scores.shape[1]
        with_them, without = (
            pick.expected(self.table.shortfall, equal, pick.greedy(self.table.shortfall, equal, each, self.table, 5))
            for each in (np.ones(width, bool), ~np.isin(np.arange(width), landmarkers))
        )
        return with_them - without

    def cost(self, landmarkers: Sequence[int]) -> Array:
        """What these take together, in the time of the five [datasets]."""
        taken: Array = self.shares[:, list(landmarkers)].sum(axis=1)
        return taken


def select(known: Known, families: Sequence[str], budget: Budget) -> tuple[int, ...]:
    """Up to `MOST` columns: the set within the budget that predicts most and that no choice would miss.

    Landmarkers are not candidates of a choice. What choices by them reach is not compared: it differs by less than it
    errs, and the best of many sets by it is mostly the luckiest.
    """
    alone = _of_each_family(known, families, budget)
    sets = (each for count in range(1, MOST + 1) for each in combinations(alone, count))
    fit = [each for each in sets if budget.allows(known.cost(each)) and known.missed(each) <= MISSED]
    return max((known.explained(each), each) for each in fit)[1] if fit else ()


def _of_each_family(known: Known, families: Sequence[str], budget: Budget) -> list[int]:
    """The best on average of each family, among those that leave two thirds of the budget to others."""
    third = replace(budget, median=budget.median / 3, high=budget.high / 3)
    usual = known.table.standard.mean(axis=0)
    found: dict[str, int] = {}
    for column in np.argsort(-usual, kind="stable"):
        if third.allows(known.cost([column])):
            found.setdefault(families[column], int(column))
    return sorted(found.values())
