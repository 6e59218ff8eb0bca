"""How the trials learned, as a plot of the model card. Used by `conclusion.picture`."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from noria_trainers.target.plot import clean, png


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
    return png(clean(figure, axes))
