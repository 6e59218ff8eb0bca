"""Regret of what was chosen, with its intervals."""

import numpy as np

from choose.public import Array, Columns, Public

KS = (1, 2, 3, 5, 10)
Interval = dict[str, float]


def interval(values: Array) -> Interval:
    """Mean and 95 % bootstrap interval over datasets."""
    draws = values[np.random.default_rng(0).integers(0, len(values), (4000, len(values)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {"mean": round(float(values.mean()), 5), "low": round(float(low), 5), "high": round(float(high), 5)}


def at(public: Public, lists: Columns, k: int) -> Array:
    """Regret of each dataset's best of the first k of its list."""
    return np.asarray(np.take_along_axis(public.regret, lists[:, :k], axis=1).min(axis=1))


def within(public: Public, lists: Columns, spent: Array, budget: Array) -> Array:
    """Regret of what of each list, in its order, is done in time; 1 where nothing is."""
    regret = np.ones(len(lists))
    for dataset, chosen in enumerate(lists):
        ends = spent[dataset] + np.cumsum(public.seconds[dataset, chosen])
        if (done := chosen[ends <= budget[dataset] * (1 + 1e-9)]).size:
            regret[dataset] = public.regret[dataset, done].min()
    return regret


def measured(by_k: dict[int, Array]) -> dict[str, object]:
    """A method's entry in the report, out of each dataset's regret by the number of configurations."""
    five = interval(by_k[5])
    means = {str(k): round(float(values.mean()), 5) for k, values in by_k.items()}
    return {"regret_at_5": five["mean"], "low": five["low"], "high": five["high"], "regret_at": means}


def at_ks(public: Public, lists: Columns) -> dict[int, Array]:
    """Regret of each dataset after each number of configurations."""
    return {k: at(public, lists, k) for k in KS}
