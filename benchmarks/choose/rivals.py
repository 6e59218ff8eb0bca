"""What one could do instead: the same five for all, those of the nearest datasets, any five."""

from collections.abc import Sequence

import numpy as np

from choose.public import Array, Columns, Public


def portfolios(public: Public, *, siblings_out: bool) -> Columns:
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


def ranking(public: Public) -> Columns:
    """For each dataset the configurations by their mean regret on the others."""
    total = public.regret.sum(axis=0)
    return np.array([np.argsort(total - row, kind="stable")[:10] for row in public.regret])


def neighbours(public: Public, marks: Sequence[list[int]]) -> Columns:
    """For each dataset the best on the mean of its ten nearest, by sizes and landmarkers."""
    found = []
    for dataset in range(len(public.ids)):
        place = np.column_stack([public.sizes, public.error[:, marks[dataset]]])
        rest = np.arange(len(place)) != dataset
        distance = (((place - place[dataset]) / place[rest].std(axis=0)) ** 2).sum(axis=1)
        distance[dataset] = np.inf
        found.append(np.argsort(public.regret[np.argsort(distance)[:10]].mean(axis=0), kind="stable")[:10])
    return np.array(found)


def at_random(regret: Array, k: int) -> Array:
    """Expected regret [datasets] of the best of k different configurations, by regrets [datasets, configurations]."""
    ordered = np.sort(regret, axis=1)
    width = ordered.shape[1]
    beyond = np.cumprod([1.0] + [(width - k - i) / (width - i) for i in range(width - k)])
    chance = -np.diff(np.append(beyond, 0.0))[: width - k + 1]
    return np.asarray(ordered[:, : width - k + 1] @ (chance / chance.sum()))
