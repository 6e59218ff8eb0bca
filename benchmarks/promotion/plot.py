"""The plot of benchmarks/promotion.md. Used by `bench_promotion`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot

mpl.rcParams |= {"svg.hashsalt": "noria", "font.size": 9}  # the same figures give the same file


def draw(
    tallies: Sequence[Mapping[str, Any]], rounds: Mapping[str, Mapping[str, Mapping[str, Any]]], path: Path
) -> None:
    """Share promoted by true gain and size of the hold-out, and what serves over fifty retrains."""
    figure, (left, *others) = pyplot.subplots(1, 1 + len(rounds), figsize=(12, 3.2), layout="constrained")
    for size in sorted({each["size"] for each in tallies}):
        points = sorted((each["gain"], each["not_worse"], each["better"]) for each in tallies if each["size"] == size)
        gains, not_worse, better = zip(*points, strict=True)
        (line,) = left.plot([100 * each for each in gains], not_worse, marker="o", label=f"NotWorse, {size} held out")
        left.plot([100 * each for each in gains], better, marker=".", linestyle="--", color=line.get_color())
    left.set(xlabel="true gain in points of accuracy", ylabel="share promoted (Better dashed)", ylim=(-0.02, 1.02))
    left.legend(fontsize=7)
    for axes, (trend, policies) in zip(others, rounds.items(), strict=True):
        for policy, found in policies.items():
            axes.plot(range(1, len(found["by_round"]) + 1), [100 * each for each in found["by_round"]], label=policy)
        axes.axhline(0, color="#9aa5b1", linewidth=1)
        axes.set(xlabel="retrains", title=trend)
    others[0].set_ylabel("true change of what serves, in points")
    others[0].legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
