"""The bootstrap's resamples: which examples are drawn how often, in blocks that bound memory.

Shared by the targets. One that has nothing faster scores each resample by `by_scores`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from noria.contract import Metric

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
_DRAWS = 200_000_000
"""Draws in all: above 200,000 examples there are fewer resamples."""
_BLOCK = 4_000_000
"""Draws at a time, which bounds memory."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Scores = Mapping[Metric, Floats]
"""Of each metric the score on every resample, [resamples]."""


def by_scores(
    score: Callable[[NDArray[np.generic], Floats], Mapping[Metric, float]],
    rng: np.random.Generator,
    labels: NDArray[np.generic],
    predictions: Sequence[Floats],
) -> list[Scores]:
    """Scores of each of the predictions [n, ...] for labels [n, ...], the same examples drawn for all of them."""
    drawn = [rows for block in draws(rng, len(labels)) for rows in block]
    found = [[score(labels[rows], each[rows]) for rows in drawn] for each in predictions]
    return [{metric: np.asarray([one[metric] for one in scores]) for metric in scores[0]} for scores in found]


def means(rng: np.random.Generator, values: Floats) -> Floats:
    """Column means [resamples, k] of resampled rows of `values` [n, k]."""
    return np.concatenate([values[drawn].mean(axis=1) for drawn in draws(rng, len(values), values.shape[1])])


def counts(rng: np.random.Generator, examples: int) -> Iterator[Counts]:
    """How often each example is drawn, in blocks [resamples of the block, examples]."""
    for drawn in draws(rng, examples):
        offset = np.arange(len(drawn))[:, None] * examples
        yield np.bincount((drawn + offset).ravel(), minlength=drawn.size).reshape(drawn.shape)


def draws(rng: np.random.Generator, examples: int, width: int = 1) -> Iterator[Counts]:
    """The examples drawn, in blocks [resamples of the block, examples]; `width` numbers are read of each."""
    for size in blocks(examples * width, resamples(examples)):
        yield rng.integers(0, examples, (size, examples))


def blocks(width: int, count: int) -> list[int]:
    """Sizes of the blocks in which the resamples of `width` numbers are drawn."""
    size = max(1, min(count, _BLOCK // width))
    whole, rest = divmod(count, size)
    return [size] * whole + [rest] * (rest > 0)


def resamples(examples: int) -> int:
    """The number of resamples that is affordable for this number of examples."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, _DRAWS // examples))
