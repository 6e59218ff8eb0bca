"""Fills in what was never trained: ragged rows of scores become whole ones. Called by `choose` and the benchmark.

A score is taken as `level[d] + scale[d] * (effect[c] + factors[d] @ loadings[c])`. Level and scale of a dataset follow
from the configurations that it does know and from how these do elsewhere, so no row needs its best or worst. The
factors are a ridge-regularised low-rank model by alternating least squares (Koren, Bell, Volinsky 2009).
"""

from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Model:
    """What all datasets together tell about the configurations."""

    effect: Array
    variance: Array
    """Mean square of a configuration's standard scores."""
    scale: float
    """Of a typical dataset."""
    loadings: Array

    def fill(self, scores: Array) -> Table:
        """A table out of scores [datasets, configurations], NaN where unknown; every row has two scores or more."""
        known = np.isfinite(scores)
        present = np.where(known, scores, 0.0)
        scale = np.full(len(scores), self.scale)
        for _ in range(ROUNDS):
            level, scale = _rows(present, known, scale, self)
        standard = _standard(present, known, level, scale)
        factors = _ridge(np.where(known, standard - self.effect, 0.0), known.astype(np.float64), self.loadings)
        modelled = self.effect + factors @ self.loadings.T
        return Table(
            known=known,
            level=level,
            scale=scale,
            standard=np.where(known, standard, modelled),
            position=factors @ np.linalg.qr(self.loadings).R.T,
        )


def complete(scores: Array) -> Table:
    """The table of the scores that it is learned from."""
    return learn(scores).fill(scores)


def learn(scores: Array) -> Model:
    """A model of scores [datasets, configurations], NaN where unknown; every row has two scores or more."""
    known = np.isfinite(scores)
    present, width = np.where(known, scores, 0.0), scores.shape[1]
    usual = _spread(present, known)
    model = Model(np.zeros(width), np.ones(width), usual, np.zeros((width, 0)))
    scale = np.full(len(scores), usual)
    for _ in range(ROUNDS):
        level, scale = _rows(present, known, scale, model)
        model = _columns(_standard(present, known, level, scale), known, float(np.median(scale)))
    residual = np.where(known, _standard(present, known, level, scale) - model.effect, 0.0)
    return replace(model, loadings=_loadings(residual, known.astype(np.float64)))


def _standard(scores: Array, known: NDArray[np.bool_], level: Array, scale: Array) -> Array:
    standard = np.where(known, (scores - level[:, None]) / scale[:, None], 0.0)
    return np.clip(standard, -FARTHEST, FARTHEST)


def _rows(scores: Array, known: NDArray[np.bool_], scale: Array, model: Model) -> tuple[Array, Array]:
    """Level and scale of each row, from the columns that it knows and what these are like elsewhere."""
    level = (scores - known * scale[:, None] * model.effect).sum(axis=1) / known.sum(axis=1)
    off = np.where(known, scores - level[:, None], 0.0)
    square = (off**2).sum(axis=1) + PRIOR * model.scale**2
    return level, np.sqrt(square / (known @ model.variance + PRIOR))


def _columns(standard: Array, known: NDArray[np.bool_], scale: float) -> Model:
    """Effect and variance of each column; effects are 0 and variances 1 on the mean."""
    counts = known.sum(axis=0) + PRIOR
    effect, variance = standard.sum(axis=0) / counts, ((standard**2).sum(axis=0) + PRIOR) / counts
    size = np.sqrt(variance.mean())
    return Model((effect - effect.mean()) / size, variance / size**2, scale, np.zeros((len(effect), 0)))


def _spread(scores: Array, known: NDArray[np.bool_]) -> float:
    """A typical row's standard deviation; 1 where all rows are constant."""
    counts = known.sum(axis=1, keepdims=True)
    level = scores.sum(axis=1, keepdims=True) / counts
    deviation = np.sqrt(np.where(known, (scores - level) ** 2 / counts, 0.0).sum(axis=1))
    return float(np.median(deviation)) or float(deviation.mean()) or 1.0


def _loadings(residual: Array, seen: Array) -> Array:
    """Column loadings that, times some row factors, come near the residuals that are seen (0 elsewhere)."""
    rank = min(RANK, *residual.shape)
    _, sizes, directions = np.linalg.svd(residual.T @ residual / len(residual), hermitian=True)
    loadings: Array = (directions[:rank].T * np.sqrt(np.sqrt(sizes[:rank]) + 1e-9)).astype(np.float64)
    for _ in range(ROUNDS):
        loadings = _ridge(residual.T, seen.T, _ridge(residual, seen, loadings))
    return loadings


def _ridge(values: Array, seen: Array, other: Array) -> Array:
    """For each row of `values` the coefficients on `other`, from the cells that are seen."""
    rank = other.shape[1]
    products = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)
    moments = (seen @ products).reshape(-1, rank, rank) + RIDGE * np.eye(rank)
    solved = np.linalg.solve(moments, (values @ other)[:, :, None])
    return np.asarray(solved[:, :, 0], dtype=np.float64)
