"""How good are the five? Chosen for each of 418 public datasets without it, beside what else one could do.

`make bench-choose` writes benchmarks/results/choose.json and the plots of docs/meta-learning.md. Every fold is kept in
build/choose, so that a run that was cut short goes on; each choice for a dataset comes from a model fitted without it,
and for "same-size groups" without all datasets of its size, which are likely siblings.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from noria_trainers.experience.meta import landmark, likeness, pick
from noria_trainers.experience.meta.table import Table, complete, learn

Array = NDArray[np.float64]
NOISES = (0.01, 0.03, 0.05)
BLURS = (0.0, likeness.BLUR, 0.15)
DRAWS = 2
BLOCKS = 5
TREES = 100
MANY_TREES = 300
"""Of which a third and more have not seen a given dataset."""
USUAL = f"blur{likeness.BLUR}"
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


def block_of_folds(public: Public, block: int, marks: list[int]) -> dict[str, Array]:
    """For each dataset of a block: the columns chosen, by every setting and under noise, leaving it alone out.

    What all datasets tell about the configurations is learned without the block. The forest is grown on all datasets,
    and each is chosen for by the trees whose sample it is not in, which are those of a forest fitted without it.
    """
    inside = public.group % BLOCKS == block
    table = learn(-public.error[~inside]).fill(-public.error)
    names, features = _features(public, marks)
    forest = likeness.grow(names, features, table.position, trees=MANY_TREES, seed=block)
    spread = _is_mark(names) * features[~inside].std(axis=0)
    saw = np.zeros(forest.home.shape, bool)
    for tree, sample in enumerate(forest.trees.estimators_samples_):
        saw[sample, tree] = True
    found = []
    for dataset in np.flatnonzero(inside):
        rest, unseen = np.arange(len(saw)) != dataset, ~saw[dataset]
        home = forest.home[rest][:, unseen]
        asked = _questions(names, features[dataset], spread, seed=int(dataset))
        landed = forest.leaves(np.vstack(list(asked.values())))[:, unseen]
        cuts = np.cumsum([len(each) for each in asked.values()])[:-1]
        weights = {name: likeness.shared(home, each) for name, each in zip(asked, np.split(landed, cuts), strict=True)}
        found.append(_chosen(table.shortfall[rest], _rows_of(table, rest), weights, marks))
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def block_of_groups(public: Public, block: int, marks: list[int]) -> dict[str, Array]:
    """The same where the dataset's whole group is left out: one forest for each group."""
    inside = public.group % BLOCKS == block
    model = learn(-public.error[~inside])
    names, features = _features(public, marks)
    found = {}
    for group in np.unique(public.group[inside]):
        rest = public.group != group
        if rest.sum() == len(rest) - 1:
            continue  # alone in its group: left out alone already
        table = model.fill(-public.error[rest])
        forest = likeness.grow(names, features[rest], table.position, trees=TREES, seed=0)
        for dataset in np.flatnonzero(~rest):
            found[int(dataset)] = _chosen(table.shortfall, table, {USUAL: forest.weights(features[dataset])}, marks)
    return {"datasets": np.array(list(found)), "chosen": np.array([each[USUAL] for each in found.values()])}


def _features(public: Public, marks: list[int]) -> tuple[tuple[str, ...], Array]:
    names = ("rows", "columns", "ratio", *(f"{likeness.LANDMARKER}{each}" for each in marks))
    return names, np.column_stack([public.sizes, -public.error[:, marks]])


def _questions(names: tuple[str, ...], new: Array, spread: Array, *, seed: int) -> dict[str, Array]:
    """The rows that go down the forest for one dataset, by what they are for."""
    random = np.random.default_rng(seed)
    if not spread.any():
        return {USUAL: new[None]}
    asked = {f"blur{blur}": likeness.blurred(new, blur * spread, 0) for blur in BLURS}
    for noise in NOISES:
        for draw in range(DRAWS):
            moved = new + noise * random.standard_normal(len(names)) * _is_mark(names)
            asked[f"noise{noise}-{draw}"] = likeness.blurred(moved, likeness.BLUR * spread, 0)
    return asked


def _chosen(shortfall: Array, table: Table, weights: dict[str, Array], marks: list[int]) -> dict[str, Array]:
    """Columns for each set of weights, ten for the usual ones; also where the landmarkers may be among them."""
    strict, free = np.ones(shortfall.shape[1], bool), np.ones(shortfall.shape[1], bool)
    strict[marks] = False
    found = {
        name: np.array(pick.greedy(shortfall, each, strict, table, 10 if name == USUAL else 5))
        for name, each in weights.items()
    }
    found["free"] = np.array(pick.greedy(shortfall, weights[USUAL], free, table, 10))
    return found


def _rows_of(table: Table, rows: NDArray[np.bool_]) -> Table:
    return Table(*(part[rows] for part in (table.known, table.level, table.scale, table.standard, table.position)))


def _is_mark(names: tuple[str, ...]) -> Array:
    return np.array([float(name.startswith(likeness.LANDMARKER)) for name in names])


# ---- stages -------------------------------------------------------------------------------------------------------


def sweep(public: Public, kept: Kept, stage: str, marks: list[list[int]]) -> dict[str, NDArray[np.int64]]:
    """Columns chosen for all datasets, each left out alone."""
    found: dict[str, NDArray[np.int64]] = {}
    for block in range(BLOCKS):
        part = kept.get(f"{stage}-{block}", lambda b=block: block_of_folds(public, b, marks[b]))  # type: ignore[misc]
        for name, chosen in part.items():
            whole = found.setdefault(name, np.zeros((len(public.ids), chosen.shape[1]), np.int64))
            whole[public.group % BLOCKS == block] = chosen
        print(f"{stage}: block {block + 1} of {BLOCKS}", flush=True)
    return found


def apart(public: Public, kept: Kept, alone: NDArray[np.int64], marks: list[list[int]]) -> NDArray[np.int64]:
    """Columns chosen with the dataset's group left out; `alone` holds those for which that is the dataset alone."""
    found = alone.copy()
    for block in range(BLOCKS):
        part = kept.get(f"groups-{block}", lambda b=block: block_of_groups(public, b, marks[b]))  # type: ignore[misc]
        found[part["datasets"].astype(int)] = part["chosen"]
        print(f"groups: block {block + 1} of {BLOCKS}", flush=True)
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
        columns = marks[block]
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


def report(public: Public, kept: Kept, marks: list[list[int]], free: list[list[int]]) -> dict[str, Any]:
    """All figures, and the regret of every dataset for the plots."""
    per_dataset = [marks[group % BLOCKS] for group in public.group]
    lists = {
        "single_best_repeated": ranking(public),
        "ten_neighbours": neighbours(public, [[] for _ in public.ids]),
        "ten_neighbours_with_landmarkers": neighbours(public, per_dataset),
        "portfolio": portfolios(public, siblings_out=False),
    }
    folds = sweep(public, kept, "marked", marks)
    without_group = apart(public, kept, folds[USUAL], marks)
    blind = sweep(public, kept, "blind", [[] for _ in marks])
    lists |= {"meta_learned": folds[USUAL], "without_landmarkers": blind[USUAL]}
    chosen, portfolio = lists["meta_learned"], lists["portfolio"]
    apart_portfolio = portfolios(public, siblings_out=True)
    gain = at(public, chosen, 5) - at(public, portfolio, 5)
    apart_gain = at(public, without_group, 5) - at(public, apart_portfolio, 5)
    spent = np.array([public.seconds[d, columns].sum() for d, columns in enumerate(per_dataset)])
    five = np.take_along_axis(public.seconds, chosen[:, :5], axis=1).sum(axis=1)
    with_free = folds["free"]
    methods = {
        "random": measured(at_random(public, 5), {str(k): round(float(at_random(public, k).mean()), 5) for k in KS})
    }
    methods |= {name: measured(at(public, each, 5), by_k(public, each)) for name, each in lists.items()}
    methods["meta_learned_landmarkers_may_be_chosen"] = measured(at(public, with_free, 5), by_k(public, with_free))
    answer: dict[str, Any] = {
        "datasets": len(public.ids),
        "configurations": len(public.names),
        "methods": methods,
        "paired_vs_portfolio": interval(gain),
        "paired_vs_without_landmarkers": interval(at(public, chosen, 5) - at(public, lists["without_landmarkers"], 5)),
        "same_size_groups_left_out": {
            "datasets_with_siblings": int((np.bincount(public.group)[public.group] > 1).sum()),
            "methods": {
                "portfolio": measured(at(public, apart_portfolio, 5), by_k(public, apart_portfolio)),
                "meta_learned": measured(at(public, without_group, 5), by_k(public, without_group)),
            },
            "paired_vs_portfolio": interval(apart_gain),
        },
        "landmarkers": dict(Counter(public.names[column] for each in per_dataset for column in each)),
        "landmark_cost_share_median": round(float(np.median(spent / five)), 4),
        "landmark_cost_share_p90": round(float(np.quantile(spent / five, 0.9)), 4),
        "equal_time": _equal_time(public, chosen, portfolio, spent, five),
        "noise": _noise(public, folds),
        "tuned_on_one_half": _halves(public, folds),
        "results_per_known_dataset": {str(n): interval(_thinned(public, kept, marks, n)) for n in (200, 20, 5)},
    }
    if free:
        regret = at(public, sweep(public, kept, "free", free)["free"], 5)
        methods["meta_learned_landmarkers_chosen_to_be_candidates"] = measured(regret)
    _draw(public, lists, folds, Path("benchmarks/results"))
    return answer


def _thinned(public: Public, kept: Kept, marks: list[list[int]], results: int) -> Array:
    return kept.get(f"thinned-{results}", lambda: {"regret": thinned(public, marks, results)})["regret"]


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


def _noise(public: Public, folds: dict[str, NDArray[np.int64]]) -> dict[str, object]:
    """With normal noise on the new dataset's landmarkers; the mean over draws."""
    found: dict[str, object] = {}
    for noise in NOISES:
        draws = [at(public, folds[f"noise{noise}-{draw}"], 5) for draw in range(DRAWS)]
        found[str(noise)] = interval(np.mean(draws, axis=0))
    return found


def _halves(public: Public, folds: dict[str, NDArray[np.int64]]) -> dict[str, object]:
    """The blur that is best on one half of the groups, and what it reaches on the other."""
    half = np.random.default_rng(0).permutation(public.group.max() + 1)[public.group] % 2 == 0
    regret = {blur: at(public, folds[f"blur{blur}"], 5) for blur in BLURS}
    best = {side: min(BLURS, key=lambda blur: float(regret[blur][rows].mean())) for side, rows in _sides(half)}
    return {
        "settings": {str(blur): round(float(each.mean()), 5) for blur, each in regret.items()},
        "tuned_on_a_reported_on_b": {"blur": best["a"], **interval(regret[best["a"]][~half])},
        "tuned_on_b_reported_on_a": {"blur": best["b"], **interval(regret[best["b"]][half])},
    }


def _sides(half: NDArray[np.bool_]) -> list[tuple[str, NDArray[np.bool_]]]:
    return [("a", half), ("b", ~half)]


def _draw(
    public: Public, lists: dict[str, NDArray[np.int64]], folds: dict[str, NDArray[np.int64]], folder: Path
) -> None:
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
    path.with_suffix(".md").write_text(in_words(answer))
    print(in_words(answer))


def in_words(answer: dict[str, Any]) -> str:
    """The main figures as a page of Markdown."""
    whole, apart = answer["methods"], answer["same_size_groups_left_out"]
    rows = [*whole.items(), *((f"{name}, same-size groups left out", each) for name, each in apart["methods"].items())]
    lines = ["| method | regret of the best of five | 95 % interval |", "|---|---|---|"]
    lines += [
        f"| {name.replace('_', ' ')} | {e['regret_at_5']:.4f} | {e['low']:.4f} to {e['high']:.4f} |" for name, e in rows
    ]
    pairs = {"all": answer["paired_vs_portfolio"], "same-size groups left out": apart["paired_vs_portfolio"]}
    lines += ["", "| regret less the portfolio's | mean | 95 % interval |", "|---|---|---|"]
    lines += [f"| {name} | {e['mean']:.4f} | {e['low']:.4f} to {e['high']:.4f} |" for name, e in pairs.items()]
    lines += ["", "| changed | regret of the best of five |", "|---|---|"]
    lines += [f"| noise of {name} on landmarkers | {e['mean']:.4f} |" for name, e in answer["noise"].items()]
    lines += [
        f"| {name} results per known dataset, a fifth of them left out | {e['mean']:.4f} |"
        for name, e in answer["results_per_known_dataset"].items()
    ]
    median, high = answer["landmark_cost_share_median"], answer["landmark_cost_share_p90"]
    lines += ["", f"Landmarkers take {median:.1%} of the five's time in the median, {high:.1%} at the 90th percentile."]
    return "\n".join(lines) + "\n"


def _marks(public: Public, kept: Kept, *, may_choose: bool) -> list[list[int]]:
    """For each block the landmarkers that were picked without it."""
    name = "free" if may_choose else "strict"
    blocks = [
        kept.get(f"landmarkers-{name}-{block}", lambda b=block: landmarkers(public, b, may_choose=may_choose))  # type: ignore[misc]
        for block in range(BLOCKS)
    ]
    return [[int(column) for column in each["columns"]] for each in blocks]


if __name__ == "__main__":
    main()
