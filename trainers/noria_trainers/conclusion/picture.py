"""The plots of a model card. Used by `steps.conclude`."""

from collections.abc import Mapping, Sequence

from noria.contract import Metric
from noria_trainers.conclusion.curves import learning_curves
from noria_trainers.conclusion.holdout import HoldOut
from noria_trainers.data.manifest import Manifest
from noria_trainers.target.target import Picture, target_of


def pictures(
    manifest: Manifest, holdout: HoldOut, curves: Mapping[str, Sequence[float]], *, metric: Metric, best: str
) -> tuple[Picture, ...]:
    """What the model did to the hold-out, where that can be drawn, and how all trials learned."""
    drawn = target_of(manifest.task).picture(holdout.labels, holdout.predictions, manifest.classes)
    learned = Picture("Learning curves", "learning-curves.png", learning_curves(curves, metric=metric, best=best))
    return (learned,) if drawn is None else (drawn, learned)
