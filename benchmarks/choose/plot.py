"""The plots of benchmarks/meta-learning.md. Called where the figures are made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
from matplotlib import pyplot

from choose.fold import NOISES
from choose.public import Array
from choose.regret import KS

mpl.rcParams |= {"svg.hashsalt": "noria", "font.size": 9}  # the same figures give the same file


def draw_choices(answer: dict[str, Any], gain: Array, folder: Path) -> None:
    """Regret by the number trained, gain over the portfolio by dataset (sorted), regret under noise."""
    _save(folder / "choose-regret.svg", lambda axes: _by_number(axes, answer["methods"]))
    _save(folder / "choose-gain.svg", lambda axes: _by_dataset(axes, gain))
    _save(folder / "choose-noise.svg", lambda axes: _by_noise(axes, answer))


def draw_learning(regrets: dict[str, Array], path: Path, window: int = 50) -> None:
    """Regret by the number of datasets known, over all orders, as means of a moving window."""

    def paint(axes: Any) -> None:
        for name, regret in regrets.items():
            mean = np.convolve(regret.mean(axis=0), np.ones(window) / window, mode="valid")
            axes.plot(np.arange(len(mean)) + window, mean, label=name)
        axes.set(xlabel=f"datasets so far (mean of the last {window})", ylabel="mean regret at five")
        axes.set_ylim(0)
        axes.legend(fontsize=7)

    _save(path, paint)


def _save(path: Path, paint: Callable[[Any], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(6.5, 3.6), layout="constrained")
    paint(axes)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _by_number(axes: Any, methods: dict[str, Any]) -> None:
    for name, each in methods.items():
        style = {"linewidth": 2.5, "color": "black"} if name == "meta_learned" else {"linewidth": 1}
        axes.plot(KS, each["regret_at"].values(), "o-", markersize=3, label=name.replace("_", " "), **style)
    axes.set(xscale="log", yscale="log", xlabel="configurations trained", ylabel="mean regret")
    axes.set_xticks(KS, [str(k) for k in KS])
    axes.minorticks_off()
    axes.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], [".02", ".05", ".1", ".2", ".5"])
    axes.legend(fontsize=7)


def _by_dataset(axes: Any, gain: Array) -> None:
    above = [value if value > 0 else 0 for value in gain]
    axes.fill_between(range(len(gain)), above, step="mid", color="tab:blue")
    axes.fill_between(range(len(gain)), gain - above, step="mid", color="tab:red")
    axes.set(xlabel="datasets, by gain", ylabel="portfolio's regret less ours, at five")


def _by_noise(axes: Any, answer: dict[str, Any]) -> None:
    methods, noisy = answer["methods"], list(answer["noise"].values())
    means = [methods["meta_learned"]["regret_at_5"], *(each["mean"] for each in noisy)]
    lows = [methods["meta_learned"]["low"], *(each["low"] for each in noisy)]
    highs = [methods["meta_learned"]["high"], *(each["high"] for each in noisy)]
    axes.fill_between((0, *NOISES), lows, highs, alpha=0.2, color="black", linewidth=0)
    axes.plot((0, *NOISES), means, "o-", color="black", label="meta learned")
    for name, style in (("without_landmarkers", ":"), ("portfolio", "--")):
        axes.axhline(methods[name]["regret_at_5"], color="grey", linestyle=style, label=name.replace("_", " "))
    axes.set(xlabel="noise on the landmarkers (standard deviation of the error)", ylabel="mean regret at five")
    axes.set_ylim(0)
    axes.legend(fontsize=7)
