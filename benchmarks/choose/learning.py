"""A chooser that starts with nothing and learns from its own choices only. Used by `bench_learning`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from choose.public import Array, Public
from noria_trainers.choice.learned import pick, similarity
from noria_trainers.choice.learned.choose import LearnedOptions
from noria_trainers.choice.learned.completion import CompletedScores, complete
from noria_trainers.choice.learned.evidence import LANDMARKER

Order = NDArray[np.int64]
"""Datasets by number, in the order of their coming."""
K = 5
SETTINGS = LearnedOptions()
NAMES = ("rows", "columns", "ratio")


@dataclass(frozen=True)
class Learned:
    """What the datasets so far have taught; chooses until it is fitted anew."""

    table: CompletedScores
    shortfall: Array
    forest: similarity.Forest
    plain: list[int]
    """The portfolio."""

    @classmethod
    def of(
        cls, scores: Array, kinship: Array, features: Array, names: tuple[str, ...], allowed: NDArray[np.bool_]
    ) -> "Learned":
        """Of ragged scores [datasets, configurations] and meta-features [datasets, names]."""
        table = complete(scores, kinship)
        equal, shortfall = np.full(len(scores), 1 / len(scores)), table.futures()
        return cls(
            table=table,
            shortfall=shortfall,
            forest=similarity.grow(names, features, table.position, trees=SETTINGS.trees, seed=0),
            plain=pick.greedy(shortfall, equal, allowed, table, K),
        )

    def choose(self, new: Array, allowed: NDArray[np.bool_], *, explore: bool) -> list[int]:
        """Five columns, as `choose` would by this table and forest."""
        weights, shortfall = self.forest.weights(new), self.shortfall
        if len(weights) < SETTINGS.learned_from:
            weights, chosen = np.full(len(weights), 1 / len(weights)), self.plain
        else:
            learned = pick.greedy(shortfall, weights, allowed, self.table, K)
            chosen = max((learned, self.plain), key=lambda each: pick.expected(shortfall, weights, each))
        return pick.with_unknown(chosen, self.table, weights, allowed) if explore else chosen


def life(public: Public, marks: list[int], order: Order, exploration: float, every: int) -> Array:
    """Regret at five of each dataset in the order of its coming; what was trained on it is known from then on.

    Fitted anew after each tenth more datasets, and after `every` at the latest.
    """
    random = np.random.default_rng(order[:4])
    scores = np.full(public.error.shape, np.nan)
    names = (*NAMES, *(f"{LANDMARKER}{each}" for each in marks))
    features = np.column_stack([public.sizes, -public.error[:, marks]])
    allowed = ~np.isin(np.arange(public.error.shape[1]), marks)
    first = random.permutation(np.flatnonzero(allowed))[:K]  # the fixed list of this life
    kinship = public.kinship
    learned, fit_at, regret = None, SETTINGS.portfolio_from, np.empty(len(order))
    for count, dataset in enumerate(order):
        if count >= fit_at:
            learned = Learned.of(scores[order[:count]], kinship, features[order[:count]], names, allowed)
            fit_at = count + min(every, max(1, count // 10))
        explore = bool(random.random() < exploration)
        chosen = first if learned is None else learned.choose(features[dataset], allowed, explore=explore)
        scores[dataset, chosen] = -public.error[dataset, chosen]
        regret[count] = public.regret[dataset, chosen].min()
    return regret
