"""Plots of a model card as PNG, drawn without a display. Called by `steps.conclude`."""

import io
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

MOST_CLASSES = 30
"""Classes of a confusion matrix that can still be read; of more, the most frequent are drawn."""
_CELLS_WITH_NUMBERS = 15
_POINTS = 5000
_INK, _BLUE, _GREY = "#1b2a3a", "#2a6f97", "#9aa5b1"


def confusion_matrix(table: NDArray[np.integer], classes: Sequence[str]) -> bytes:
    """Rows are true classes [c, c], coloured by the share of the row, with counts where there is room."""
    largest = np.sort(np.argsort(-table.sum(axis=1), kind="stable")[:MOST_CLASSES])
    shown, names = table[np.ix_(largest, largest)], [_short(classes[index]) for index in largest]
    size = 2.6 + 0.38 * len(names)
    figure = Figure(figsize=(max(size, 4.4), max(size, 4.0)), layout="constrained")
    axes = figure.add_subplot()
    shares = shown / np.maximum(table.sum(axis=1)[largest, None], 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor", parse_math=False)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    title = (
        "Hold-out" if len(names) == len(classes) else f"Hold-out, the {len(names)} largest of {len(classes)} classes"
    )
    axes.set(xlabel="predicted", ylabel="true", title=title)
    if len(names) <= _CELLS_WITH_NUMBERS:
        for (row, column), count in np.ndenumerate(shown):
            ink = "white" if shares[row, column] > 0.5 else _INK
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=ink)
    return _png(figure)


def true_and_predicted(labels: NDArray[np.floating], predictions: NDArray[np.floating]) -> bytes:
    """Predicted beside true values of a regression, with the line of no error."""
    some = np.random.default_rng(0).permutation(len(labels))[:_POINTS]
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(labels[some], predictions[some], s=8, alpha=0.4, color=_BLUE, linewidths=0)
    axes.axline((float(labels.mean()), float(labels.mean())), slope=1, color=_GREY, linewidth=1)
    axes.set(xlabel="true", ylabel="predicted", title=f"Hold-out, {len(some)} of {len(labels)} examples")
    return _png(_clean(figure, axes))


def calibration(labels: NDArray[np.integer], probability: NDArray[np.floating]) -> bytes:
    """How often it was clicked, among examples of about equal predicted probability (tenths of the examples)."""
    tenths = [part for part in np.array_split(np.argsort(probability, kind="stable"), 10) if len(part)]
    said, seen = ([values[part].mean() for part in tenths] for values in (probability, labels))
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.axline((0, 0), slope=1, color=_GREY, linewidth=1)
    axes.plot(said, seen, marker="o", color=_BLUE)
    axes.set(xlabel="predicted probability", ylabel="share clicked", title="Hold-out, in tenths")
    return _png(_clean(figure, axes))


def learning_curves(scores: Mapping[str, Sequence[float]], *, metric: str, best: str) -> bytes:
    """Validation score of every trial after each epoch, the best trial on top."""
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    for name, values in scores.items():
        strong = name == best
        axes.plot(
            range(1, len(values) + 1),
            values,
            label=f"{name} (best)" if strong else name,
            linewidth=2.4 if strong else 1.2,
            alpha=1 if strong else 0.7,
            marker="o",
            markersize=4 if strong else 2.5,
            zorder=3 if strong else 2,
        )
    axes.set(xlabel="epoch", ylabel=f"{metric} on validation")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if scores:
        axes.legend(frameon=False, fontsize=8)
    return _png(_clean(figure, axes))


def _clean(figure: Figure, axes: Axes) -> Figure:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:15]}…{name[-8:]}"


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a class name in a script that the font lacks: boxes
        figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
