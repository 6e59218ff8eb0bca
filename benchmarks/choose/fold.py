"""Choices for one block of datasets, each from a model fitted without the dataset, or without all of its size."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from choose.public import Array, Columns, Public
from noria_trainers.choice.learned import landmarker_search, pick, similarity
from noria_trainers.choice.learned.completion import CompletedScores, complete, learn
from noria_trainers.choice.learned.evidence import LANDMARKER

NOISES = (0.01, 0.03, 0.05)
BLURS = (0.0, similarity.BLUR, 0.15)
DRAWS = 2
BLOCKS = 5
TREES = 100
MANY_TREES = 300
"""Of which a third and more have not seen a given dataset."""
USUAL = f"blur{similarity.BLUR}"


def landmarkers(public: Public, rest: NDArray[np.bool_]) -> dict[str, Array]:
    """Those that the rule picks from these datasets."""
    sizes, scores, seconds = public.sizes[rest], -public.error[rest], public.seconds[rest]
    table = complete(scores, public.kinship)
    five = np.take_along_axis(seconds, _by_size(sizes, table), axis=1).sum(axis=1, keepdims=True)
    known = landmarker_search.Known(sizes, scores, table, seconds / five)
    return {"columns": np.array(landmarker_search.select(known, public.families, landmarker_search.Budget()))}


def _by_size(sizes: Array, table: CompletedScores) -> Columns:
    """Five columns for each dataset, by the trees that never saw it."""
    names = tuple(f"size{n}" for n in range(sizes.shape[1]))
    weights = similarity.grow(names, sizes, table.position, trees=TREES, seed=0).out_of_bag()
    allowed = np.ones(table.standard.shape[1], bool)
    return np.array([pick.greedy(table.shortfall, each, allowed, table, 5) for each in weights])


def block_of_folds(public: Public, block: int, marks: list[int]) -> dict[str, Array]:
    """For each dataset of a block: the columns chosen, by every setting and under noise, leaving it alone out.

    What all datasets tell about the configurations is learned without the block. The forest is grown on all datasets,
    and each is chosen for by the trees whose sample it is not in, which are those of a forest fitted without it.
    """
    inside = public.group % BLOCKS == block
    table = learn(-public.error[~inside], public.kinship).fill(-public.error)
    names, features = _features(public, marks)
    forest = similarity.grow(names, features, table.position, trees=MANY_TREES, seed=block)
    spread = _is_mark(names) * features[~inside].std(axis=0)
    saw = np.zeros(forest.home.shape, bool)
    for tree, sample in enumerate(forest.samples):
        saw[sample, tree] = True
    asked = {int(each): _questions(names, features[each], spread, seed=int(each)) for each in np.flatnonzero(inside)}
    rows = [rows for questions in asked.values() for rows in questions.values()]
    landed = iter(np.split(forest.leaves(np.vstack(rows)), np.cumsum([len(each) for each in rows])[:-1]))
    found = []
    for dataset, questions in asked.items():
        rest, unseen = np.arange(len(saw)) != dataset, ~saw[dataset]
        home = forest.home[rest][:, unseen]
        weights = {name: similarity.shared(home, next(landed)[:, unseen]) for name in questions}
        found.append(_chosen(table.shortfall[rest], _rows_of(table, rest), weights, marks))
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def block_of_groups(public: Public, block: int, marks: list[int]) -> dict[str, Array]:
    """The same where the dataset's whole group is left out: one forest for each group."""
    inside = public.group % BLOCKS == block
    model = learn(-public.error[~inside], public.kinship)
    names, features = _features(public, marks)
    found = {}
    for group in np.unique(public.group[inside]):
        rest = public.group != group
        if rest.sum() == len(rest) - 1:
            continue  # alone in its group: left out alone already
        table = model.fill(-public.error[rest])
        forest = similarity.grow(names, features[rest], table.position, trees=TREES, seed=0)
        for dataset in np.flatnonzero(~rest):
            found[int(dataset)] = _chosen(table.shortfall, table, {USUAL: forest.weights(features[dataset])}, marks)
    return {"datasets": np.array(list(found)), "chosen": np.array([each[USUAL] for each in found.values()])}


def _features(public: Public, marks: list[int]) -> tuple[tuple[str, ...], Array]:
    names = ("rows", "columns", "ratio", *(f"{LANDMARKER}{each}" for each in marks))
    return names, np.column_stack([public.sizes, -public.error[:, marks]])


def _questions(names: tuple[str, ...], new: Array, spread: Array, *, seed: int) -> dict[str, Array]:
    """The rows that go down the forest for one dataset, by what they are for."""
    random = np.random.default_rng(seed)
    if not spread.any():
        return {USUAL: new[None]}
    asked = {f"blur{blur}": similarity.blurred(new, blur * spread, 0) for blur in BLURS}
    for noise in NOISES:
        for draw in range(DRAWS):
            moved = new + noise * random.standard_normal(len(names)) * _is_mark(names)
            asked[f"noise{noise}-{draw}"] = similarity.blurred(moved, similarity.BLUR * spread, 0)
    return asked


def _chosen(shortfall: Array, table: CompletedScores, weights: dict[str, Array], marks: list[int]) -> dict[str, Array]:
    """Columns for each set of weights, ten for the usual ones; also where the landmarkers may be among them."""
    strict, free = np.ones(shortfall.shape[1], bool), np.ones(shortfall.shape[1], bool)
    strict[marks] = False
    found = {
        name: np.array(pick.greedy(shortfall, each, strict, table, 10 if name == USUAL else 5))
        for name, each in weights.items()
    }
    found["free"] = np.array(pick.greedy(shortfall, weights[USUAL], free, table, 10))
    return found


def _rows_of(table: CompletedScores, rows: NDArray[np.bool_]) -> CompletedScores:
    parts = {name: getattr(table, name)[rows] for name in ("known", "level", "scale", "standard", "position")}
    return replace(table, **parts)


def _is_mark(names: tuple[str, ...]) -> Array:
    return np.array([float(name.startswith(LANDMARKER)) for name in names])


def thinned(public: Public, marks: list[list[int]], results: int) -> Array:
    """Regret at 5 where each known dataset has so many results only, drawn at random; a block of groups left out."""
    regret = np.empty(len(public.ids))
    for block in range(BLOCKS):
        out = public.group % BLOCKS == block
        scores, random = -public.error[~out], np.random.default_rng(block)
        order = random.random(scores.shape).argsort(axis=1).argsort(axis=1)
        table = complete(np.where(order < results, scores, np.nan), public.kinship)
        columns = marks[block]
        features = np.column_stack([public.sizes, -public.error[:, columns]])
        names = tuple(f"{LANDMARKER}{n}" if n >= 3 else f"size{n}" for n in range(features.shape[1]))
        forest = similarity.grow(names, features[~out], table.position, trees=TREES, seed=0)
        allowed, futures = ~np.isin(np.arange(scores.shape[1]), columns), table.futures()
        for dataset in np.flatnonzero(out):
            five = pick.greedy(futures, forest.weights(features[dataset]), allowed, table, 5)
            regret[dataset] = public.regret[dataset, five].min()
    return regret
