"""The bootstrap's resamples: which examples are drawn how often, in blocks that bound memory.

Shared by the targets. One that has nothing faster scores each resample by `by_scores`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
_DRAWS = 200_000_000
"""Draws in all: above 200,000 examples there are fewer resamples."""
_BLOCK = 4_000_000
"""Draws at a time, which bounds memory."""
_NORMAL = NormalDist()

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Scores = Mapping[Metric, Floats]
"""Of each metric the score on every resample, [resamples]."""


@dataclass(frozen=True)
class Resampling:
    """How examples are drawn again, with replacement."""

    rng: np.random.Generator
    groups: Counts | None = None
    """The group of each example [n], counted from 0: groups are drawn whole. None: each example by itself.

    See Field and Welsh, Bootstrapping clustered data, 2007.
    """
    most: int = RESAMPLES
    """Resamples of few examples."""

    def count(self, examples: int) -> int:
        """The number of resamples that is affordable for this number of examples."""
        return max(FEWEST_RESAMPLES, min(self.most, _DRAWS // examples))

    def counts(self, examples: int, width: int = 1) -> Iterator[Counts]:
        """How often each example is drawn, in blocks [resamples of the block, examples].

        `width` numbers are read of each.
        """
        units = examples if self.groups is None else int(self.groups.max()) + 1
        for size in blocks(examples * width, self.count(examples)):
            drawn = self.rng.integers(0, units, (size, units))
            offset = np.arange(size)[:, None] * units
            often = np.bincount((drawn + offset).ravel(), minlength=drawn.size).reshape(drawn.shape)
            yield often if self.groups is None else often[:, self.groups]


def by_scores(
    score: Callable[[NDArray[np.generic], Floats], Mapping[Metric, float]],
    resampling: Resampling,
    labels: NDArray[np.generic],
    predictions: Sequence[Floats],
) -> list[Scores]:
    """Scores of each of the predictions [n, ...] for labels [n, ...], the same examples drawn for all of them."""
    every = np.arange(len(labels))
    drawn = [np.repeat(every, often) for block in resampling.counts(len(labels)) for often in block]
    found = [[score(labels[rows], each[rows]) for rows in drawn] for each in predictions]
    return [{metric: np.asarray([one[metric] for one in scores]) for metric in scores[0]} for scores in found]


def means(resampling: Resampling, values: Floats) -> Floats:
    """Column means [resamples, k] of resampled rows of `values` [n, k]."""
    drawn = resampling.counts(len(values), values.shape[1])
    return np.concatenate([often @ values / often.sum(axis=1, keepdims=True) for often in drawn])


def unseen(tail: float, units: float) -> float:
    """The largest share of what none of so many units shows, wrong with probability `tail` (Wilson, 1927)."""
    square = _NORMAL.inv_cdf(1 - tail) ** 2
    return square / (units + square)


def blocks(width: int, count: int) -> list[int]:
    """Sizes of the blocks in which the resamples of `width` numbers are drawn."""
    size = max(1, min(count, _BLOCK // width))
    whole, rest = divmod(count, size)
    return [size] * whole + [rest] * (rest > 0)
