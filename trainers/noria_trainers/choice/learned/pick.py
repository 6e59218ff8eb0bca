"""A set of configurations of which the best is expected to be good, on datasets that count more or less.

Whole rows are the atoms, so that two configurations that do well on the same datasets are known to be of little use
together.
"""

import numpy as np
from numpy.typing import NDArray

from noria_trainers.choice.learned.completion import FARTHEST, CompletedScores

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-6
FEW = 20
SAME_ON = 3
"""Two configurations with equal scores on this many datasets, and on all that know both, are copies in effect."""


def greedy(shortfall: Array, weights: Array, allowed: NDArray[np.bool_], table: CompletedScores, k: int) -> list[int]:
    """Columns, each the one that adds most to the weighted mean of the best so far; never two copies of one.

    `shortfall` [datasets, configurations], or several such tables one below the other; `weights` [datasets]; `allowed`
    [configurations].
    Within 1 - 1/e of the best possible set (Nemhauser, Wolsey, Fisher 1978). Ties go to the first column.
    """
    weights = _repeated(weights, shortfall)
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
    """Weighted mean over datasets of how far the best of the chosen columns stays behind: at most 0.

    `shortfall` [datasets, configurations], or several such tables one below the other; `weights` [datasets].
    """
    return float(_repeated(weights, shortfall) @ shortfall[:, chosen].max(axis=1))


def _repeated(weights: Array, shortfall: Array) -> Array:
    times = len(shortfall) // len(weights)
    return np.tile(weights / times, times)


def with_unknown(chosen: list[int], table: CompletedScores, weights: Array, allowed: NDArray[np.bool_]) -> list[int]:
    """The last one gives way to the configuration that could be best: its expected score and what is not known of it.

    An upper bound as in Auer (2002): results on similar datasets narrow it.
    `weights` [datasets], `allowed` [configurations].
    """
    seen = (weights @ table.known) / (weights @ weights)  # effective number of results
    bound = weights @ table.standard + 2 / np.sqrt(1 + seen)
    open_ = allowed.copy()
    for column in chosen:
        open_ &= ~copies(table, column)
    if not open_.any():
        return chosen
    return [*chosen[:-1], int(np.argmax(np.where(open_, np.round(bound, 12), -np.inf)))]


def copies(table: CompletedScores, column: int) -> NDArray[np.bool_]:
    """Columns [configurations] that never differed from this one where both are known, itself included."""
    rows = np.flatnonzero(table.known[:, column])
    same = np.ones(table.known.shape[1], bool)
    for part in (rows[:FEW], rows):  # few rows tell nearly all columns apart
        left = np.flatnonzero(same)
        cells = np.ix_(part, left)
        differs = table.known[cells] & (table.standard[cells] != table.standard[part, column, None])
        same[left] = ~differs.any(axis=0)
    left = np.flatnonzero(same)
    same[left] = table.known[np.ix_(rows, left)].sum(axis=0) >= SAME_ON
    same[column] = True
    return same
