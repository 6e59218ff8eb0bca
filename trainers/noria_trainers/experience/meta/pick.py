"""A set of configurations of which the best is expected to be good, on datasets that count more or less.

Whole rows are the atoms, so that two configurations that do well on the same datasets are known to be of little use
together. Called by `choose` and the benchmark.
"""

import numpy as np
from numpy.typing import NDArray

from noria_trainers.experience.meta.table import FARTHEST, Table

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-6
SAME_ON = 3
"""Two configurations with equal scores on this many datasets, and on all that know both, are copies in effect."""


def greedy(shortfall: Array, weights: Array, allowed: NDArray[np.bool_], table: Table, k: int) -> list[int]:
    """Columns, each the one that adds most to the weighted mean of the best so far; never two copies of one.

    Within 1 - 1/e of the best possible set (Nemhauser, Wolsey, Fisher 1978). Ties go to the first column.
    """
    counted = weights > NEGLIGIBLE / len(weights)
    values, shares = shortfall[counted], weights[counted]
    best = np.full(len(values), -2 * FARTHEST)
    open_, chosen = allowed.copy(), list[int]()
    while len(chosen) < k and open_.any():
        gains = np.where(open_, shares @ np.maximum(values, best[:, None]), -np.inf)
        column = int(np.argmax(np.round(gains, 12)))
        chosen.append(column)
        best = np.maximum(best, values[:, column])
        open_ &= ~copies(table, column)
    return chosen


def expected(shortfall: Array, weights: Array, chosen: list[int]) -> float:
    """Weighted mean over datasets of how far the best of the chosen stays behind: at most 0."""
    return float(weights @ shortfall[:, chosen].max(axis=1))


def copies(table: Table, column: int) -> NDArray[np.bool_]:
    """Columns that never differed from this one where both are known, itself included."""
    both = table.known & table.known[:, [column]]
    differs = both & (table.standard != table.standard[:, [column]])
    same: NDArray[np.bool_] = (both.sum(axis=0) >= SAME_ON) & ~differs.any(axis=0)
    same[column] = True
    return same
