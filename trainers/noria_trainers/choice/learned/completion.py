"""Fills in what was never trained: ragged rows of scores become whole ones.

A score is taken as `level[d] + scale[d] * (effect[c] + factors[d] @ loadings[c])`. Level and scale of a dataset follow
from the configurations that it does know and from how these do elsewhere, so no row needs its best or worst. The
factors are a ridge-regularised low-rank model by alternating least squares (Koren, Bell, Volinsky 2009). What few have
trained is assumed to be like similar configurations, and its possible deviation is estimated.
"""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RANK = 8
"""Eight factors hold three quarters of the variance of the public table; the next add below three percent each."""
RIDGE = 0.3
ROUNDS, SWEEPS = 8, 4
"""Of levels, scales and effects; of least squares. More sweeps fill gaps of the public table no better."""
PRIOR = 2.0
"""Results that a row's scale, or a column's effect, is trusted like before it has any."""
KIN = 0.5
"""Kinship that counts against all of a configuration's kin: it has little to go by where they are fewer."""
OWN, ABOUT = 0.5, 0.1
"""Variance of the configurations' effects, and of a result about its configuration's effect, in standard scores."""
DRAWS, MOST_DRAWN = 4, 8000
"""Tables that could be true, and rows in all of them together, so that time and memory grow no faster than datasets."""
FARTHEST = 4.0
"""Standardised scores are cut here: a diverged trial is bad, how bad carries no information."""


@dataclass(frozen=True)
class CompletedScores:
    """Completed scores of datasets (rows) and configurations (columns)."""

    known: NDArray[np.bool_]
    """[datasets, configurations]"""
    level: Array
    """[datasets]"""
    scale: Array
    """[datasets]"""
    standard: Array
    """Scores [datasets, configurations] less level, over scale: the known ones as they are, the others modelled."""
    position: Array
    """Rows as points [datasets, factors]; the distance of two is that of their modelled standard scores."""
    doubt: Array
    """Of each configuration's effect [configurations], as a standard deviation: near 0 where many have trained it or
    its kin."""

    @property
    def scores(self) -> Array:
        """[datasets, configurations] in the metric's unit."""
        completed: Array = self.level[:, None] + self.scale[:, None] * self.standard
        return completed

    @property
    def shortfall(self) -> Array:
        """How far each configuration stays behind its dataset's best [datasets, configurations]: at most 0, in the
        dataset's own scale.
        """
        return _behind(self.standard)

    def futures(self) -> Array:
        """The shortfall of tables that could be true, one below the other [draws * datasets, configurations].

        What is known stays, and what a configuration would score where nobody has trained it moves by what is in doubt
        (imputation as in Rubin 1987). So the best of a set is expected to gain by what could be good, and nothing is
        repeated for being known. All move by the same quantiles: drawn apart, the luckiest would be chosen.
        """
        count = len(self.standard)
        draws = max(1, min(DRAWS, MOST_DRAWN // count))
        moves = np.outer([NormalDist().inv_cdf((n + 0.5) / draws) for n in range(draws)], self.doubt)
        return np.vstack([_behind(self.standard + np.where(self.known, 0, move)) for move in moves])


def _behind(standard: Array) -> Array:
    behind: Array = np.maximum(standard - standard.max(axis=1, keepdims=True), -FARTHEST)
    return behind


@dataclass(frozen=True)
class ScoreModel:
    """What all datasets together tell about the configurations."""

    effect: Array
    """[configurations]"""
    variance: Array
    """Mean square of each configuration's standard scores [configurations]."""
    scale: float
    """Of a typical dataset."""
    loadings: Array
    """[configurations, factors]"""
    doubt: Array
    """[configurations]"""

    def fill(self, scores: Array) -> CompletedScores:
        """A table out of scores [datasets, configurations], NaN where unknown; every row has two scores or more."""
        cells = Cells.of(scores)
        scale = np.full(len(scores), self.scale)
        for _ in range(ROUNDS):
            level, scale = cells.rows_by(self, scale)
        residual = cells.spread_out(cells.standard(level, scale) - self.effect[cells.columns])
        known = cells.spread_out(np.ones(len(cells.scores)))
        factors = _ridge(residual, known, self.loadings)
        standard = self.effect + factors @ self.loadings.T
        standard[cells.rows, cells.columns] = cells.standard(level, scale)
        position = factors @ np.linalg.qr(self.loadings).R.T
        return CompletedScores(known > 0, level, scale, standard, position, self.doubt)


@dataclass(frozen=True)
class Cells:
    """The known scores one by one, so that time goes with their number and not with the size of the table."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    scores: Array
    shape: tuple[int, int]

    @classmethod
    def of(cls, scores: Array) -> Self:
        """Of scores [datasets, configurations], NaN where unknown."""
        rows, columns = np.nonzero(np.isfinite(scores))
        return cls(rows, columns, scores[rows, columns], (scores.shape[0], scores.shape[1]))

    def by_row(self, values: Array) -> Array:
        """The sum of each row's values, [rows]."""
        return np.bincount(self.rows, values, self.shape[0]).astype(np.float64)

    def by_column(self, values: Array) -> Array:
        """The sum of each column's values, [columns]."""
        return np.bincount(self.columns, values, self.shape[1]).astype(np.float64)

    def spread_out(self, values: Array) -> Array:
        """The values where they belong, 0 elsewhere: [rows, columns]."""
        whole = np.zeros(self.shape)
        whole[self.rows, self.columns] = values
        return whole

    def standard(self, level: Array, scale: Array) -> Array:
        """The known scores less level [rows], over scale [rows]."""
        standard: Array = np.clip((self.scores - level[self.rows]) / scale[self.rows], -FARTHEST, FARTHEST)
        return standard

    def rows_by(self, model: ScoreModel, scale: Array) -> tuple[Array, Array]:
        """Level and scale of each row, [rows] both, by the columns that it knows and what these are elsewhere."""
        counts = np.bincount(self.rows, minlength=self.shape[0])
        level = self.by_row(self.scores - scale[self.rows] * model.effect[self.columns]) / counts
        square = self.by_row((self.scores - level[self.rows]) ** 2) + PRIOR * model.scale**2
        return level, np.sqrt(square / (self.by_row(model.variance[self.columns]) + PRIOR))

    def columns_by(self, level: Array, scale: Array, before: ScoreModel, kin: Array) -> ScoreModel:
        """Effect and variance of each column; effects are 0 and variances 1 on the mean.

        An effect tends to that of the column's kin in the model before, the less the more results it has.
        `level` and `scale` [rows], `kin` [columns, columns].
        """
        standard, counts = self.standard(level, scale), np.bincount(self.columns, minlength=self.shape[1]) + PRIOR
        effect = (self.by_column(standard) + PRIOR * (kin @ before.effect)) / counts
        variance = (self.by_column(standard**2) + PRIOR) / counts
        size = np.sqrt(variance.mean())
        usual = float(np.median(scale))
        return replace(before, effect=(effect - effect.mean()) / size, variance=variance / size**2, scale=usual)

    def usual(self) -> float:
        """A typical row's standard deviation; 1 where all rows are constant."""
        counts = np.bincount(self.rows, minlength=self.shape[0])
        level = self.by_row(self.scores) / counts
        deviation = np.sqrt(self.by_row((self.scores - level[self.rows]) ** 2) / counts)
        return float(np.median(deviation)) or float(deviation.mean()) or 1.0


def complete(scores: Array, kinship: Array | None = None) -> CompletedScores:
    """The scores [datasets, configurations] that it is learned from, NaN where unknown, made whole."""
    return learn(scores, kinship).fill(scores)


def learn(scores: Array, kinship: Array | None = None) -> ScoreModel:
    """A model of scores [datasets, configurations], NaN where unknown; every row has two scores or more.

    `kinship` [configurations, configurations] is 1 on the diagonal; without it all are unrelated.
    """
    cells, width = Cells.of(scores), scores.shape[1]
    near = np.eye(width) if kinship is None else kinship
    counts = np.bincount(cells.columns, minlength=width).astype(np.float64)
    others = (near - np.diag(np.diag(near))) * (counts / (counts + PRIOR))
    kin = others / (others.sum(axis=1, keepdims=True) + KIN)
    doubt = 1 / np.sqrt(1 / OWN + near @ counts / ABOUT)
    model = ScoreModel(np.zeros(width), np.ones(width), cells.usual(), np.zeros((width, 0)), doubt)
    scale = np.full(len(scores), model.scale)
    for _ in range(ROUNDS):
        level, scale = cells.rows_by(model, scale)
        model = cells.columns_by(level, scale, model, kin)
    residual = cells.standard(level, scale) - model.effect[cells.columns]
    known = cells.spread_out(np.ones(len(cells.scores)))
    return replace(model, loadings=_loadings(cells.spread_out(residual), known, kin))


def _loadings(residual: Array, seen: Array, kin: Array) -> Array:
    """Column loadings that, times some row factors, come near the residuals that are seen (0 elsewhere)."""
    rank = min(RANK, *residual.shape)
    _, sizes, directions = np.linalg.svd(residual.T @ residual / len(residual), hermitian=True)
    loadings: Array = (directions[:rank].T * np.sqrt(np.sqrt(sizes[:rank]) + 1e-9)).astype(np.float64)
    for _ in range(SWEEPS):
        loadings = _ridge(residual.T, seen.T, _ridge(residual, seen, loadings), kin @ loadings)
    return loadings


def _ridge(values: Array, seen: Array, other: Array, towards: Array | None = None) -> Array:
    """For each row of `values` the coefficients on `other`, from the cells that are seen; few leave them as given."""
    rank = other.shape[1]
    products = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)
    moments = (seen @ products).reshape(-1, rank, rank) + RIDGE * np.eye(rank)
    right = values @ other if towards is None else values @ other + RIDGE * towards
    solved = np.linalg.solve(moments, right[:, :, None])
    return np.asarray(solved[:, :, 0], dtype=np.float64)
