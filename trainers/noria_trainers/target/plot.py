"""Plots of what a model did to the hold-out, as PNG, drawn without a display."""

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from noria_trainers.lazy import Lazy
from noria_trainers.target.calibration import Calibration

if TYPE_CHECKING:
    import matplotlib.figure as drawing
    from matplotlib.axes import Axes
else:
    drawing = Lazy("matplotlib.figure")

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
    figure = drawing.Figure(figsize=(max(size, 4.4), max(size, 4.0)), layout="constrained")
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
    return png(figure)


def true_and_predicted(labels: NDArray[np.floating], predictions: NDArray[np.floating]) -> bytes:
    """Predicted beside true values of a regression, both [n], with the line of no error."""
    some = np.random.default_rng(0).permutation(len(labels))[:_POINTS]
    figure = drawing.Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(labels[some], predictions[some], s=8, alpha=0.4, color=_BLUE, linewidths=0)
    axes.axline((float(labels.mean()), float(labels.mean())), slope=1, color=_GREY, linewidth=1)
    axes.set(xlabel="true", ylabel="predicted", title=f"Hold-out, {len(some)} of {len(labels)} examples")
    return png(clean(figure, axes))


def calibration(found: Calibration) -> bytes:
    """How often it came true, among examples of about equal predicted probability, with the line of exact ones."""
    figure = drawing.Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.axline((0, 0), slope=1, color=_GREY, linewidth=1)
    said, seen = [each.said for each in found.parts], [each.seen for each in found.parts]
    axes.plot(said, seen, marker="o", color=_BLUE)
    axes.set(xlabel=f"predicted probability that {found.what}", ylabel="share seen", title="Hold-out, in tenths")
    return png(clean(figure, axes))


def clean(figure: "drawing.Figure", axes: "Axes") -> "drawing.Figure":
    """The figure with a light grid and without a box around it."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:15]}…{name[-8:]}"


def png(figure: "drawing.Figure") -> bytes:
    """The figure as a file of the same bytes each time."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a class name in a script that the font lacks: boxes
        figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
