"""Fills in what was never trained: ragged rows of scores become whole ones. Called by `choose` and the benchmark.

A score is taken as `level[d] + scale[d] * (effect[c] + factors[d] @ loadings[c])`. Level and scale of a dataset follow
from the configurations that it does know and from how these do elsewhere, so no row needs its best or worst. The
factors are a ridge-regularised low-rank model by alternating least squares (Koren, Bell, Volinsky 2009).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RANK = 8
"""Eight factors hold three quarters of the variance of the public table; the next add below three percent each."""
RIDGE = 0.3
ROUNDS = 8
PRIOR = 2.0
"""Results that a row's scale, or a column's effect, is trusted like before it has any."""
FARTHEST = 4.0
"""Standardised scores are cut here: a diverged trial is bad, how bad says nothing."""


@dataclass(frozen=True)
class Table:
    """Completed scores of datasets (rows) and configurations (columns)."""

    known: NDArray[np.bool_]
    level: Array
    scale: Array
    standard: Array
    """Scores less level, over scale: the known ones as they are, the others modelled."""
    position: Array
    """Rows as points of a few dimensions; the distance of two is that of their modelled standard scores."""

    @property
    def scores(self) -> Array:
        """In the metric's unit."""
        completed: Array = self.level[:, None] + self.scale[:, None] * self.standard
        return completed

    @property
    def shortfall(self) -> Array:
        """How far each configuration stays behind its dataset's best: at most 0, in the dataset's own scale."""
        behind: Array = np.maximum(self.standard - self.standard.max(axis=1, keepdims=True), -FARTHEST)
        return behind


def complete(scores: Array) -> Table:
    """A table out of scores [datasets, configurations], NaN where unknown; every row has two scores or more."""
    known = np.isfinite(scores)
    level, scale, effect = _effects(np.where(known, scores, 0.0), known)
    standard = np.where(known, (np.nan_to_num(scores) - level[:, None]) / scale[:, None], 0.0)
    standard = np.clip(standard, -FARTHEST, FARTHEST)
    factors, loadings = _factors(np.where(known, standard - effect, 0.0), known)
    modelled = effect + factors @ loadings.T
    return Table(
        known=known,
        level=level,
        scale=scale,
        standard=np.where(known, standard, modelled),
        position=factors @ np.linalg.qr(loadings).R.T,
    )


def _effects(scores: Array, known: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Level and scale of each row, effect of each column on standardised scores."""
    counts = known.sum(axis=1)
    effect = np.zeros(scores.shape[1])
    level = scores.sum(axis=1) / counts
    usual = _spread(scores, known, level, counts)
    scale = np.full(len(scores), usual)
    variance = np.ones(scores.shape[1])
    for _ in range(ROUNDS):
        level = (scores - known * scale[:, None] * effect).sum(axis=1) / counts
        off = np.where(known, scores - level[:, None], 0.0)
        scale = np.sqrt(((off**2).sum(axis=1) + PRIOR * usual**2) / (known @ variance + PRIOR))
        standard = np.clip(off / scale[:, None], -FARTHEST, FARTHEST)
        effect = standard.sum(axis=0) / (known.sum(axis=0) + PRIOR)
        variance = ((standard**2).sum(axis=0) + PRIOR) / (known.sum(axis=0) + PRIOR)
        shift, size = effect.mean(), np.sqrt(variance.mean())
        effect, variance = (effect - shift) / size, variance / size**2
        usual = float(np.median(scale))
    return level, scale, effect


def _spread(scores: Array, known: NDArray[np.bool_], level: Array, counts: NDArray[np.int_]) -> float:
    """A typical row's standard deviation; 1 where all rows are constant."""
    deviation = np.sqrt(np.where(known, (scores - level[:, None]) ** 2, 0.0).sum(axis=1) / counts)
    return float(np.median(deviation)) or float(deviation.mean()) or 1.0


def _factors(residual: Array, known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Row factors and column loadings whose products come near the known residuals (0 where unknown)."""
    rank = min(RANK, *residual.shape)
    _, sizes, directions = np.linalg.svd(residual.T @ residual / len(residual), hermitian=True)
    loadings: Array = (directions[:rank].T * np.sqrt(np.sqrt(sizes[:rank]) + 1e-9)).astype(np.float64)
    seen = known.astype(np.float64)
    for _ in range(ROUNDS):
        factors = _ridge(residual, seen, loadings)
        loadings = _ridge(residual.T, seen.T, factors)
    return _ridge(residual, seen, loadings), loadings


def _ridge(values: Array, seen: Array, other: Array) -> Array:
    """For each row of `values` the coefficients on `other`, from the cells that are seen."""
    rank = other.shape[1]
    products = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)
    moments = (seen @ products).reshape(-1, rank, rank) + RIDGE * np.eye(rank)
    solved = np.linalg.solve(moments, (values @ other)[:, :, None])
    return np.asarray(solved[:, :, 0], dtype=np.float64)
