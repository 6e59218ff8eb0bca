"""The choice: which configurations to train on a dataset, with reasons. Pure; the same answer for the same question.

| what is known                        | strategy          | the choice                                            |
|--------------------------------------|-------------------|-------------------------------------------------------|
| fewer than `portfolio_from` datasets | `FixedList`       | the first of the given list, then of the space        |
| fewer than `learned_from` datasets   | `GreedyPortfolio` | best of five expected over all datasets equally       |
| more                                 | `MetaLearned`     | best of five expected over datasets like this one     |
| more, but the portfolio is expected  | `GreedyPortfolio` | the portfolio                                         |
| to do better under the same weights  |                   |                                                       |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noria.contract import Configuration
from noria_trainers.choice.learned import pick, similarity
from noria_trainers.choice.learned.completion import CompletedScores, complete
from noria_trainers.choice.learned.evidence import Evidence, Grid, landmarker
from noria_trainers.choice.learned.kinship import kinship

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LearnedOptions:
    """What can be set about a choice."""

    learned_from: int = 6
    """Datasets from which on the choice is learned."""
    portfolio_from: int = 3
    """Datasets from which on there is a portfolio."""
    trees: int = 100
    exploration: float = 0.0
    """Probability, from 0 to 1, that the last configuration is a little-known one."""
    landmarkers_too: bool = False
    """Whether a configuration whose quick score is among the meta-features may be chosen as well."""


@dataclass(frozen=True)
class Pick:
    """One chosen configuration."""

    configuration: Configuration
    why: str
    """At most 120 characters."""
    score: float | None = None
    """Expected, in the metric's unit, higher being better."""
    spread: float | None = None
    """Standard deviation of the score over similar datasets."""


@dataclass(frozen=True)
class Choice:
    """What to train and what that rests on."""

    strategy: str
    picks: tuple[Pick, ...]
    datasets: int
    results: int
    nearest: tuple[str, ...] = ()
    """Ids of the datasets that count most."""
    outside: tuple[str, ...] = ()
    """Meta-features in which the dataset is outside the range of the known ones."""
    set_aside: Mapping[str, int] | None = None
    """Observations that were not used, by the reason."""
    explored: bool = False
    """Whether the last pick is there to learn from."""
    shortfall: float | None = None
    """How far the best of the picks is expected to stay behind the best, at most 0; unit: a dataset's scale."""

    @property
    def basis(self) -> str:
        """What the choice rests on, for `status.choice.basis`."""
        words = [f"{self.results:,} results on {self.datasets:,} datasets"]
        if self.nearest:
            words.append("nearest: " + ", ".join(self.nearest))
        if self.outside:
            words.append("outside the known range: " + ", ".join(self.outside[:3]))
        if self.explored:
            words.append("the last choice explores")
        if self.set_aside:
            left_out = (f"{count:,} {why}" for why, count in self.set_aside.items())
            words.append(f"results left out: {', '.join(left_out)}")
        return "; ".join(words)


def choose(
    profile: Mapping[str, float],
    space: Sequence[Configuration],
    evidence: Evidence,
    *,
    k: int = 5,
    seed: int = 0,
    options: LearnedOptions | None = None,
    fixed: Sequence[Configuration] = (),
) -> Choice:
    """At most `k` configurations of `space`, distinct in effect; fewer only where the space has no more.

    `profile` holds the dataset's meta-features, `fixed` the list for a cold start, the most reliable first.
    """
    options = options or LearnedOptions()
    ordered = sorted({each.id: each for each in space}.values(), key=lambda each: each.id)
    grid = evidence.grid(ordered)
    if len(grid.datasets) < max(1, options.portfolio_from):
        return _fixed(ordered, fixed, grid, k)
    return _from_table(profile, ordered, evidence, grid, k=k, seed=seed, options=options)


def _fixed(ordered: Sequence[Configuration], fixed: Sequence[Configuration], grid: Grid, k: int) -> Choice:
    held = {each.id: each for each in ordered}
    listed = {each.id: "from the fixed list: too little is known" for each in fixed if each.id in held}
    ids = list({**listed, **dict.fromkeys(held)})[:k]
    picks = tuple(Pick(held[each], listed.get(each, "next in the space: the fixed list is exhausted")) for each in ids)
    return Choice("FixedList", picks, len(grid.datasets), grid.results, set_aside=grid.set_aside)


def _from_table(
    profile: Mapping[str, float],
    ordered: Sequence[Configuration],
    evidence: Evidence,
    grid: Grid,
    *,
    k: int,
    seed: int,
    options: LearnedOptions,
) -> Choice:
    table = complete(grid.scores, kinship(ordered))
    allowed = _allowed(profile, ordered, k, options)
    shortfall = table.futures()
    weights = np.full(len(grid.datasets), 1 / len(grid.datasets))
    chosen = portfolio = pick.greedy(shortfall, weights, allowed, table, k)
    strategy, outside = "GreedyPortfolio", tuple[str, ...]()
    nearest = tuple[str, ...]()
    if len(grid.datasets) >= options.learned_from:
        known = [evidence.features.get(dataset, {}) for dataset in grid.datasets]
        found = similarity.common_features(profile, known, seed)
        weights = similarity.weigh(found, table.position, trees=options.trees, seed=seed)
        outside, nearest = found.outside, _nearest(grid.datasets, weights) if found.names else ()
        learned = pick.greedy(shortfall, weights, allowed, table, k)
        if pick.expected(shortfall, weights, learned) >= pick.expected(shortfall, weights, portfolio):
            strategy, chosen = "MetaLearned", learned
    explored = _explores(options, seed, grid) and len(chosen) == k > 1
    if explored:
        chosen = pick.with_unknown(chosen, table, weights, allowed)
    return Choice(
        strategy=strategy,
        picks=_picks(ordered, table, weights, chosen, explored=explored),
        datasets=len(grid.datasets),
        results=grid.results,
        nearest=nearest,
        outside=outside,
        set_aside=grid.set_aside,
        explored=explored,
        shortfall=pick.expected(shortfall, weights, chosen),
    )


def _allowed(
    profile: Mapping[str, float], ordered: Sequence[Configuration], k: int, options: LearnedOptions
) -> NDArray[np.bool_]:
    """Candidates: not those whose quick score is known, unless there would be too few."""
    candidates = np.array([options.landmarkers_too or landmarker(each) not in profile for each in ordered])
    return candidates if candidates.sum() >= k else np.ones(len(ordered), bool)


def _nearest(datasets: Sequence[str], weights: Array) -> tuple[str, ...]:
    return tuple(datasets[row] for row in np.argsort(-weights, kind="stable")[:3])


def _explores(options: LearnedOptions, seed: int, grid: Grid) -> bool:
    return bool(np.random.default_rng([seed, grid.results]).random() < options.exploration)


def _picks(
    ordered: Sequence[Configuration],
    table: CompletedScores,
    weights: Array,
    chosen: list[int],
    *,
    explored: bool,
) -> tuple[Pick, ...]:
    scores, shortfall = table.scores[:, chosen], table.shortfall
    means = weights @ scores
    spreads = np.sqrt(np.maximum(weights @ (scores - means) ** 2, 0))
    picks = []
    for number, column in enumerate(chosen):
        others = shortfall[:, chosen[:number]].max(axis=1, initial=-np.inf)
        ahead = float(weights @ (shortfall[:, column] > others))
        trained = int(table.known[:, column].sum())
        why = _why(number, ahead, trained, explores=explored and number == len(chosen) - 1)
        picks.append(Pick(ordered[column], why, float(means[number]), float(spreads[number])))
    return tuple(picks)


def _why(number: int, ahead: float, trained: int, *, explores: bool) -> str:
    if explores:
        return f"exploration: known on only {trained} datasets, it could be the best"
    if number == 0:
        return f"the best single configuration on similar datasets; known on {trained} datasets"
    return f"better than the previous ones on {ahead:.0%} of similar datasets; known on {trained} datasets"
