"""Does the chooser learn from its own choices? `make bench-learning` starts with nothing and feeds dataset by dataset.

In each of some random orders of the public table's datasets, five configurations are chosen for each; their scores, and
no others, are known from then on. Lives are kept in build/choose one by one, so that a run that was cut short goes on.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from choose.kept import Kept
from choose.learning import Order, life
from choose.plot import draw_learning
from choose.public import Array, Public, read
from choose.regret import Interval, interval
from choose.sweep import marks_of_all

RESULTS, PLOT = Path("benchmarks/results/learning.json"), Path("docs/plots/learning.svg")
ENDS = 100
"""The last so many datasets of an order are compared with the first so many."""


def lives(public: Public, kept: Kept, orders: list[Order], exploration: float, every: int) -> Array:
    """Regret at five [orders, datasets], in the order of their coming."""
    marks = marks_of_all(public, kept)
    name = f"learning-{exploration}-{every}"
    return np.array(
        [
            kept.get(f"{name}-{n}", lambda o=order: {"regret": life(public, marks, o, exploration, every)})["regret"]  # type: ignore[misc]
            for n, order in enumerate(tqdm(orders, desc=f"exploration {exploration}", mininterval=10))
        ]
    )


def gained(regret: Array, orders: list[Order]) -> dict[str, Interval]:
    """The last less the first: by dataset, for those that came first in one order and last in another; and by order."""
    count = len(orders[0])
    first, last = (np.full((len(orders), count), np.nan) for _ in range(2))
    for n, order in enumerate(orders):
        first[n, order[:ENDS]], last[n, order[-ENDS:]] = regret[n, :ENDS], regret[n, -ENDS:]
    both = np.isfinite(first).any(axis=0) & np.isfinite(last).any(axis=0)
    paired = np.nanmean(last[:, both], axis=0) - np.nanmean(first[:, both], axis=0)
    by_order = regret[:, -ENDS:].mean(axis=1) - regret[:, :ENDS].mean(axis=1)
    return {"paired_by_dataset": interval(paired), "by_order": interval(by_order)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--table", type=Path, required=True, help="folder of the public table")
    arguments.add_argument("--kept", type=Path, default=Path("build/choose"), help="where lives are kept")
    arguments.add_argument("--orders", type=int, default=20)
    arguments.add_argument("--every", type=int, default=40, help="datasets after which it is fitted anew at the latest")
    given = arguments.parse_args()
    public, kept = read(given.table), Kept(given.kept)
    orders = [np.random.default_rng(n).permutation(len(public.ids)) for n in range(given.orders)]
    with threadpool_limits(1):
        found = {each: lives(public, kept, orders, each, given.every) for each in (0.0, 0.2)}
    answer = {
        "orders": given.orders,
        "fitted_anew_every": given.every,
        "last_less_first": {f"exploration {each}": gained(regret, orders) for each, regret in found.items()},
        "first": {f"exploration {each}": interval(regret[:, :ENDS].mean(axis=1)) for each, regret in found.items()},
        "last": {f"exploration {each}": interval(regret[:, -ENDS:].mean(axis=1)) for each, regret in found.items()},
    }
    RESULTS.write_text(json.dumps(answer, indent=2) + "\n")
    draw_learning({f"exploration {each}": regret for each, regret in found.items()}, PLOT)
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
