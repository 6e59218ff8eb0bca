"""How good are the five? Chosen for each of 418 public datasets without it, beside what else one could do.

`make bench-choose` writes benchmarks/results/choose.json and the plots of docs/meta-learning.md. Every fold is kept in
build/choose, so that a run that was cut short goes on; each number about a dataset comes from a model fitted without
it, and for "same-size groups" without all datasets of its size, which are likely siblings.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from noria_trainers.experience.meta import landmark, likeness, pick
from noria_trainers.experience.meta.table import Table, complete

Array = NDArray[np.float64]
NOISES = (0.01, 0.03, 0.05)
BLURS = (0.0, likeness.BLUR, 0.15)
DRAWS = 2
BLOCKS = 5
TREES = 100
KS = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Public:
    """The table: errors, seconds and sizes of datasets; duplicated columns are there once."""

    ids: list[str]
    names: list[str]
    families: list[str]
    error: Array
    seconds: Array
    sizes: Array
    group: NDArray[np.int64]
    """Datasets of one size are one group."""

    @property
    def regret(self) -> Array:
        """Per dataset, 0 for its best configuration and 1 for its worst; for the report only."""
        best, worst = self.error.min(axis=1, keepdims=True), self.error.max(axis=1, keepdims=True)
        return (self.error - best) / (worst - best)


def read(folder: Path) -> Public:
    errors, seconds, sizes = (
        pd.read_csv(folder / f"{name}.csv", index_col=0) for name in ("error_matrix", "runtime_matrix", "dataset_sizes")
    )
    _, first = np.unique(errors.to_numpy(), axis=1, return_index=True)
    first = np.sort(first)
    raw = sizes.loc[errors.index].to_numpy(float)
    names = [str(errors.columns[column]) for column in first]
    return Public(
        ids=[str(each) for each in errors.index],
        names=names,
        families=[name.split("'")[3] for name in names],
        error=errors.to_numpy()[:, first],
        seconds=seconds.to_numpy()[:, first],
        sizes=np.column_stack([np.log10(raw), np.log10(raw[:, :1] / raw[:, 1:])]),
        group=np.unique(raw, axis=0, return_inverse=True)[1].ravel(),
    )


# ---- folds --------------------------------------------------------------------------------------------------------


class Kept:
    """Arrays by name in a folder, worked out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
        path = self._folder / f"{name}.npz"
        if not path.exists():
            part = path.with_suffix(".part.npz")
            np.savez(part, **make())
            part.rename(path)
        with np.load(path) as held:
            return dict(held)


def landmarkers(public: Public, block: int, *, may_choose: bool) -> dict[str, Array]:
    """Those that the rule picks from all datasets outside the block; whole groups are in a block."""
    rest = public.group % BLOCKS != block
    table = complete(-public.error[rest])
    five = _portfolio(table)
    shares = public.seconds[rest] / public.seconds[rest][:, five].sum(axis=1, keepdims=True)
    sets = landmark.menu(public.families, shares, landmark.Budget())
    found = landmark.select(public.sizes[rest], -public.error[rest], table, sets, may_choose=may_choose)
    return {"columns": np.array(found)}


def _portfolio(table: Table) -> list[int]:
    count, width = table.standard.shape
    return pick.greedy(table.shortfall, np.full(count, 1 / count), np.ones(width, bool), table, 5)


def fold(public: Public, dataset: int, rest: NDArray[np.bool_], marks: list[int]) -> dict[str, Array]:
    """For one dataset: the columns chosen, by every setting and under noise, from the datasets in `rest` alone."""
    table = complete(-public.error[rest])
    shortfall, width = table.shortfall, public.error.shape[1]
    names = (*("rows", "columns", "ratio"), *(f"{likeness.LANDMARKER}{each}" for each in marks))
    features = np.column_stack([public.sizes, -public.error[:, marks]])
    forest = likeness.grow(names, features[rest], table.position, trees=TREES, seed=0)
    strict, free = np.ones(width, bool), np.ones(width, bool)
    strict[marks] = False
    out: dict[str, Array] = {}
    for blur in BLURS if marks else (0.0,):
        weights = forest.weights(features[dataset], blur=blur)
        out[f"strict-{blur}"] = np.array(pick.greedy(shortfall, weights, strict, table, 10))
        out[f"free-{blur}"] = np.array(pick.greedy(shortfall, weights, free, table, 10))
    random = np.random.default_rng(dataset)
    for noise in NOISES if marks else ():
        moved = [features[dataset] + noise * random.standard_normal(len(names)) * _is_mark(names) for _ in range(DRAWS)]
        chosen = [pick.greedy(shortfall, forest.weights(each), strict, table, 5) for each in moved]
        out[f"noise{noise}"] = np.array(chosen)
    return out


def _is_mark(names: tuple[str, ...]) -> Array:
    return np.array([float(name.startswith(likeness.LANDMARKER)) for name in names])


# ---- stages -------------------------------------------------------------------------------------------------------


def sweep(
    public: Public, kept: Kept, stage: str, marks: Sequence[list[int]], *, siblings_out: bool
) -> list[dict[str, Array]]:
    """The folds of all datasets. Where a dataset has no sibling, leaving its group out is leaving it out."""
    found, started = [], time.monotonic()
    for dataset in range(len(public.ids)):
        same = public.group == public.group[dataset]
        rest = ~same if siblings_out else np.arange(len(same)) != dataset
        name = f"{stage}-{'group' if siblings_out and same.sum() > 1 else 'one'}-{public.ids[dataset]}"
        found.append(kept.get(name, lambda d=dataset, r=rest: fold(public, d, r, marks[d])))  # type: ignore[misc]
        if (dataset + 1) % 50 == 0:
            print(f"{stage}: {dataset + 1} of {len(public.ids)}, {time.monotonic() - started:.0f} s", flush=True)
    return found


def portfolios(public: Public, *, siblings_out: bool) -> NDArray[np.int64]:
    """For each dataset the first twenty of the greedy portfolio of the others, each scaled to its best and worst."""
    found = []
    for dataset in range(len(public.ids)):
        same = public.group == public.group[dataset]
        rest = -public.regret[~same if siblings_out else np.arange(len(same)) != dataset]
        best, chosen = np.full(len(rest), -1.0), list[int]()
        for _ in range(20):
            gains = np.maximum(rest, best[:, None]).mean(axis=0)
            gains[chosen] = -np.inf
            chosen.append(int(gains.argmax()))
            best = np.maximum(best, rest[:, chosen[-1]])
        found.append(chosen)
    return np.array(found)


def ranking(public: Public) -> NDArray[np.int64]:
    """For each dataset the configurations by their mean regret on the others."""
    total = public.regret.sum(axis=0)
    return np.array([np.argsort(total - row, kind="stable")[:10] for row in public.regret])


def neighbours(public: Public, marks: Sequence[list[int]]) -> NDArray[np.int64]:
    """For each dataset the best on the mean of its ten nearest, by sizes and landmarkers."""
    found = []
    for dataset in range(len(public.ids)):
        place = np.column_stack([public.sizes, public.error[:, marks[dataset]]])
        rest = np.arange(len(place)) != dataset
        distance = (((place - place[dataset]) / place[rest].std(axis=0)) ** 2).sum(axis=1)
        distance[dataset] = np.inf
        found.append(np.argsort(public.regret[np.argsort(distance)[:10]].mean(axis=0), kind="stable")[:10])
    return np.array(found)


def thinned(public: Public, marks: Sequence[list[int]], results: int) -> Array:
    """Regret at 5 where each known dataset has so many results only, drawn at random; a block of groups left out."""
    regret = np.empty(len(public.ids))
    for block in range(BLOCKS):
        out = public.group % BLOCKS == block
        scores, random = -public.error[~out], np.random.default_rng(block)
        order = random.random(scores.shape).argsort(axis=1).argsort(axis=1)
        table = complete(np.where(order < results, scores, np.nan))
        columns = marks[int(np.flatnonzero(out)[0])]
        features = np.column_stack([public.sizes, -public.error[:, columns]])
        names = tuple(f"{likeness.LANDMARKER}{n}" if n >= 3 else f"size{n}" for n in range(features.shape[1]))
        forest = likeness.grow(names, features[~out], table.position, trees=TREES, seed=0)
        allowed = ~np.isin(np.arange(scores.shape[1]), columns)
        for dataset in np.flatnonzero(out):
            five = pick.greedy(table.shortfall, forest.weights(features[dataset]), allowed, table, 5)
            regret[dataset] = public.regret[dataset, five].min()
    return regret


# ---- report -------------------------------------------------------------------------------------------------------


def interval(values: Array) -> dict[str, float]:
    """Mean and 95 % bootstrap interval over datasets."""
    draws = values[np.random.default_rng(0).integers(0, len(values), (4000, len(values)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"mean": round(float(values.mean()), 5), "low": round(float(low), 5), "high": round(float(high), 5)}


def at(public: Public, lists: NDArray[np.int64], k: int) -> Array:
    """Regret of each dataset's best of the first k of its list."""
    return np.take_along_axis(public.regret, lists[:, :k], axis=1).min(axis=1)


def at_random(public: Public, k: int) -> Array:
    """Expected regret of the best of k different configurations."""
    ordered = np.sort(public.regret, axis=1)
    width = ordered.shape[1]
    beyond = np.cumprod([1.0] + [(width - k - i) / (width - i) for i in range(width - k)])
    chance = -np.diff(np.append(beyond, 0.0))[: width - k + 1]
    return ordered[:, : width - k + 1] @ (chance / chance.sum())


def within(public: Public, lists: NDArray[np.int64], spent: Array, budget: Array) -> Array:
    """Regret of what of each list, in its order, is done in time; 1 where nothing is."""
    regret = np.ones(len(lists))
    for dataset, chosen in enumerate(lists):
        ends = spent[dataset] + np.cumsum(public.seconds[dataset, chosen])
        if (done := chosen[ends <= budget[dataset] * (1 + 1e-9)]).size:
            regret[dataset] = public.regret[dataset, done].min()
    return regret


def measured(values: Array, by_k: dict[str, float] | None = None) -> dict[str, object]:
    """A method's entry in the report."""
    found = interval(values)
    entry: dict[str, object] = {"regret_at_5": found["mean"], "low": found["low"], "high": found["high"]}
    return {**entry, **({"regret_at": by_k} if by_k else {})}


def by_k(public: Public, lists: NDArray[np.int64]) -> dict[str, float]:
    return {str(k): round(float(at(public, lists, k).mean()), 5) for k in KS}


def stack(folds: list[dict[str, Array]], name: str) -> NDArray[np.int64]:
    return np.array([each[name] for each in folds])


def report(public: Public, kept: Kept, marks: list[list[int]], free: list[list[int]]) -> dict[str, object]:
    """All figures, and the regret of every dataset for the plots."""
    lists = {
        "single_best_repeated": ranking(public),
        "ten_neighbours": neighbours(public, [[] for _ in marks]),
        "ten_neighbours_with_landmarkers": neighbours(public, marks),
        "portfolio": portfolios(public, siblings_out=False),
    }
    usual = f"strict-{likeness.BLUR}"
    folds = sweep(public, kept, "marked", marks, siblings_out=False)
    apart = sweep(public, kept, "marked", marks, siblings_out=True)
    blind = sweep(public, kept, "blind", [[] for _ in marks], siblings_out=False)
    lists |= {"meta_learned": stack(folds, usual), "without_landmarkers": stack(blind, "strict-0.0")}
    chosen, portfolio = lists["meta_learned"], lists["portfolio"]
    apart_portfolio = portfolios(public, siblings_out=True)
    gain = at(public, chosen, 5) - at(public, portfolio, 5)
    apart_gain = at(public, stack(apart, usual), 5) - at(public, apart_portfolio, 5)
    spent = np.array([public.seconds[d, columns].sum() for d, columns in enumerate(marks)])
    five = np.take_along_axis(public.seconds, chosen[:, :5], axis=1).sum(axis=1)
    with_free = np.array([each[f"free-{likeness.BLUR}"] for each in folds])
    methods = {
        "random": measured(at_random(public, 5), {str(k): round(float(at_random(public, k).mean()), 5) for k in KS})
    }
    methods |= {name: measured(at(public, each, 5), by_k(public, each)) for name, each in lists.items()}
    methods["meta_learned_landmarkers_may_be_chosen"] = measured(at(public, with_free, 5), by_k(public, with_free))
    answer: dict[str, object] = {
        "datasets": len(public.ids),
        "configurations": len(public.names),
        "methods": methods,
        "paired_vs_portfolio": interval(gain),
        "paired_vs_without_landmarkers": interval(at(public, chosen, 5) - at(public, lists["without_landmarkers"], 5)),
        "same_size_groups_left_out": {
            "datasets_with_siblings": int((np.bincount(public.group)[public.group] > 1).sum()),
            "methods": {
                "portfolio": measured(at(public, apart_portfolio, 5), by_k(public, apart_portfolio)),
                "meta_learned": measured(at(public, stack(apart, usual), 5), by_k(public, stack(apart, usual))),
            },
            "paired_vs_portfolio": interval(apart_gain),
        },
        "landmarkers": dict(Counter(public.names[column] for each in marks for column in each)),
        "landmark_cost_share_median": round(float(np.median(spent / five)), 4),
        "landmark_cost_share_p90": round(float(np.quantile(spent / five, 0.9)), 4),
        "equal_time": _equal_time(public, chosen, portfolio, spent, five),
        "noise": _noise(public, folds),
        "tuned_on_one_half": _halves(public, folds),
        "results_per_known_dataset": {str(n): interval(thinned(public, marks, n)) for n in (200, 50, 20, 10, 5)},
    }
    if free:
        loose = sweep(public, kept, "free", free, siblings_out=False)
        regret = at(public, stack(loose, f"free-{likeness.BLUR}"), 5)
        methods["meta_learned_landmarkers_chosen_to_be_candidates"] = measured(regret)
    _draw(public, lists, folds, Path("benchmarks/results"))
    return answer


def _equal_time(
    public: Public, chosen: NDArray[np.int64], portfolio: NDArray[np.int64], spent: Array, five: Array
) -> dict[str, object]:
    """What each has done in the other's time; landmarkers come first and are charged."""
    budget = np.take_along_axis(public.seconds, portfolio[:, :5], axis=1).sum(axis=1)
    ours_in_theirs = within(public, chosen, spent, budget)
    theirs_in_ours = within(public, portfolio, np.zeros(len(spent)), spent + five)
    return {
        "time_of_the_portfolio": {
            "meta_learned": interval(ours_in_theirs),
            "paired": interval(ours_in_theirs - at(public, portfolio, 5)),
        },
        "time_of_meta_learned": {
            "portfolio": interval(theirs_in_ours),
            "paired": interval(at(public, chosen, 5) - theirs_in_ours),
        },
    }


def _noise(public: Public, folds: list[dict[str, Array]]) -> dict[str, object]:
    """With normal noise on the new dataset's landmarkers; the mean over draws."""
    found: dict[str, object] = {}
    for noise in NOISES:
        draws = stack(folds, f"noise{noise}")
        found[str(noise)] = interval(np.mean([at(public, draws[:, draw], 5) for draw in range(DRAWS)], axis=0))
    return found


def _halves(public: Public, folds: list[dict[str, Array]]) -> dict[str, object]:
    """The blur that is best on one half of the groups, and what it reaches on the other."""
    half = np.random.default_rng(0).permutation(public.group.max() + 1)[public.group] % 2 == 0
    regret = {blur: at(public, stack(folds, f"strict-{blur}"), 5) for blur in BLURS}
    best = {side: min(BLURS, key=lambda blur: float(regret[blur][rows].mean())) for side, rows in _sides(half)}
    return {
        "settings": {str(blur): round(float(each.mean()), 5) for blur, each in regret.items()},
        "tuned_on_a_reported_on_b": {"blur": best["a"], **interval(regret[best["a"]][~half])},
        "tuned_on_b_reported_on_a": {"blur": best["b"], **interval(regret[best["b"]][half])},
    }


def _sides(half: NDArray[np.bool_]) -> list[tuple[str, NDArray[np.bool_]]]:
    return [("a", half), ("b", ~half)]


def _draw(public: Public, lists: dict[str, NDArray[np.int64]], folds: list[dict[str, Array]], folder: Path) -> None:
    """The plots of docs/meta-learning.md."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(KS, [at_random(public, k).mean() for k in KS], "o:", label="random")
    for name, each in lists.items():
        axes.plot(KS, [at(public, each, k).mean() for k in KS], "o-", label=name.replace("_", " "))
    axes.set(
        xlabel="configurations trained", ylabel="mean regret", xscale="log", yscale="log", xticks=KS, xticklabels=KS
    )
    axes.legend(fontsize=8)
    figure.savefig(folder / "choose-regret.png", dpi=110)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    gain = np.sort(at(public, lists["portfolio"], 5) - at(public, lists["meta_learned"], 5))
    axes.bar(np.arange(len(gain)), gain, width=1, color=np.where(gain < 0, "tab:red", "tab:blue"))
    axes.set(xlabel="datasets, by gain", ylabel="portfolio's regret less ours")
    figure.savefig(folder / "choose-paired.png", dpi=110)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    noise = [at(public, lists["meta_learned"], 5).mean(), *(each["mean"] for each in _noise(public, folds).values())]
    axes.plot((0, *NOISES), noise, "o-", label="meta learned")
    axes.axhline(at(public, lists["portfolio"], 5).mean(), color="grey", linestyle="--", label="portfolio")
    axes.set(xlabel="noise on landmarkers (standard deviation of the error)", ylabel="mean regret at 5", ylim=(0, None))
    axes.legend(fontsize=8)
    figure.savefig(folder / "choose-noise.png", dpi=110)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--table", type=Path, required=True, help="folder of the public table")
    arguments.add_argument("--kept", type=Path, default=Path("build/choose"), help="where folds are kept")
    arguments.add_argument("--free", action="store_true", help="also landmarkers picked to be candidates themselves")
    given = arguments.parse_args()
    public, kept = read(given.table), Kept(given.kept)
    marks = _marks(public, kept, may_choose=False)
    answer = report(public, kept, marks, _marks(public, kept, may_choose=True) if given.free else [])
    path = Path("benchmarks/results/choose.json")
    path.write_text(json.dumps(answer, indent=2) + "\n")
    print(path.read_text())


def _marks(public: Public, kept: Kept, *, may_choose: bool) -> list[list[int]]:
    """For each dataset the landmarkers that were picked without its block."""
    name = "free" if may_choose else "strict"
    blocks = [
        kept.get(f"landmarkers-{name}-{block}", lambda b=block: landmarkers(public, b, may_choose=may_choose))  # type: ignore[misc]
        for block in range(BLOCKS)
    ]
    return [[int(column) for column in blocks[group % BLOCKS]["columns"]] for group in public.group]


if __name__ == "__main__":
    main()
