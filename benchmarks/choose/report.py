"""All figures out of all choices, as JSON and in words."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from choose.fold import BLURS, DRAWS, NOISES
from choose.public import Array, Columns, Public
from choose.regret import KS, Interval, at, at_ks, interval, measured, within
from choose.rivals import at_random


@dataclass(frozen=True)
class Choices:
    """What was chosen for all datasets, by method, each without the dataset."""

    lists: dict[str, Columns]
    siblings_out: dict[str, Columns]
    """Without any dataset of its size."""
    variants: dict[str, Columns]
    """Of the method: by its blur, and with noise on the dataset's landmarkers."""
    marks: list[list[int]]
    """The landmarkers of each dataset."""
    few: dict[int, Array]
    """Regret where known datasets have so many results only."""

    @property
    def ours(self) -> Columns:
        """The method itself."""
        return self.lists["meta_learned"]

    @property
    def portfolio(self) -> Columns:
        """The best fixed list."""
        return self.lists["portfolio"]


def report(public: Public, made: Choices) -> dict[str, Any]:
    """All figures."""
    ours, theirs = at(public, made.ours, 5), at(public, made.portfolio, 5)
    apart = {name: at(public, each, 5) for name, each in made.siblings_out.items()}
    random = {k: at_random(public.regret, k) for k in KS}
    spent, five = _seconds(public, made)
    return {
        "datasets": len(public.ids),
        "configurations": len(public.names),
        "methods": {
            "random": measured(random),
            **{name: measured(at_ks(public, each)) for name, each in made.lists.items()},
        },
        "paired_vs_portfolio": interval(ours - theirs),
        "paired_vs_without_landmarkers": interval(ours - at(public, made.lists["without_landmarkers"], 5)),
        "same_size_groups_left_out": {
            "datasets_with_siblings": int((np.bincount(public.group)[public.group] > 1).sum()),
            "methods": {name: measured(at_ks(public, each)) for name, each in made.siblings_out.items()},
            "paired_vs_portfolio": interval(apart["meta_learned"] - apart["portfolio"]),
        },
        "landmarkers": dict(Counter(public.names[column] for each in made.marks for column in each)),
        "landmark_cost_share_median": round(float(np.median(spent / five)), 4),
        "landmark_cost_share_p90": round(float(np.quantile(spent / five, 0.9)), 4),
        "equal_time": _equal_time(public, made),
        "noise": noise(public, made),
        "tuned_on_one_half": _halves(public, made),
        "results_per_known_dataset": {str(count): interval(regret) for count, regret in made.few.items()},
    }


def _seconds(public: Public, made: Choices) -> tuple[Array, Array]:
    """Of each dataset's landmarkers, and of its five."""
    spent = np.array([public.seconds[dataset, columns].sum() for dataset, columns in enumerate(made.marks)])
    return spent, np.take_along_axis(public.seconds, made.ours[:, :5], axis=1).sum(axis=1)


def _equal_time(public: Public, made: Choices) -> dict[str, object]:
    """What each has done in the other's time; landmarkers come first and are charged."""
    spent, five = _seconds(public, made)
    budget = np.take_along_axis(public.seconds, made.portfolio[:, :5], axis=1).sum(axis=1)
    ours_in_theirs = within(public, made.ours, spent, budget)
    theirs_in_ours = within(public, made.portfolio, np.zeros(len(spent)), spent + five)
    return {
        "time_of_the_portfolio": {
            "meta_learned": interval(ours_in_theirs),
            "paired": interval(ours_in_theirs - at(public, made.portfolio, 5)),
        },
        "time_of_meta_learned": {
            "portfolio": interval(theirs_in_ours),
            "paired": interval(at(public, made.ours, 5) - theirs_in_ours),
        },
    }


def noise(public: Public, made: Choices) -> dict[str, Interval]:
    """With normal noise on the new dataset's landmarkers; the mean over draws."""
    draws = {each: [at(public, made.variants[f"noise{each}-{n}"], 5) for n in range(DRAWS)] for each in NOISES}
    return {str(each): interval(np.mean(regrets, axis=0)) for each, regrets in draws.items()}


def _halves(public: Public, made: Choices) -> dict[str, object]:
    """The blur that is best on one half of the groups, and what it reaches on the other."""
    half = np.random.default_rng(0).permutation(public.group.max() + 1)[public.group] % 2 == 0
    regret = {blur: at(public, made.variants[f"blur{blur}"], 5) for blur in BLURS}
    found: dict[str, object] = {"settings": {str(blur): round(float(each.mean()), 5) for blur, each in regret.items()}}
    for name, tuned in (("tuned_on_a_reported_on_b", half), ("tuned_on_b_reported_on_a", ~half)):
        best = min(BLURS, key=lambda blur: float(regret[blur][tuned].mean()))
        found[name] = {"blur": best, **interval(regret[best][~tuned])}
    return found


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
