"""What a model card is made from: what was trained on what, and how good it is. Pure.

`outline` puts it into words. Used by `steps.conclude`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from noria.contract import Configuration, FailureKind, Metric
from noria_trainers.conclusion.asking import Asking
from noria_trainers.conclusion.ensemble import Member, Selection
from noria_trainers.conclusion.holdout import Comparison
from noria_trainers.conclusion.interval import Interval
from noria_trainers.data.manifest import Manifest
from noria_trainers.target.shown import Picture, Shown


@dataclass(frozen=True)
class Row:
    """One trial as the card shows it."""

    name: str
    configuration: Configuration
    score: float | None
    seconds: float | None
    failure: FailureKind | None
    why: str = ""
    """Why it was chosen."""


@dataclass(frozen=True)
class Lineage:
    """Where the model comes from, beside the revision that it was trained on."""

    run: str | None
    """Namespace, TrainingJob, its uid and the number of the run; none outside a cluster's bucket."""
    digest: str
    """Of the model."""
    seed: int
    trainer: str
    """Version of Noria that trained it."""


@dataclass(frozen=True)
class Card:
    """The content of a model card."""

    manifest: Manifest
    metric: Metric
    best: str
    """Name of the best trial, one of the rows'."""
    trials: tuple[Row, ...]
    scores: Mapping[Metric, float]
    """On the hold-out set."""
    intervals: Mapping[Metric, Interval]
    baseline: Mapping[Metric, float]
    """Hold-out scores of predicting the same for every example."""
    parameters: Mapping[str, int]
    """Number of trained parameters by trial."""
    shown: Shown
    """What the model did to the hold-out."""
    examples: Mapping[int, str]
    """Names of the hold-out's examples that are shown, by place."""
    calibrated: Picture | None
    learned: Picture
    asking: Asking
    lineage: Lineage
    warnings: tuple[str, ...] = ()
    """What the profile found in the examples."""
    selection: Selection | None = None
    """The ensemble that was considered."""
    comparison: Comparison | None = None
    """Of the ensemble and the best trial alone on the hold-out set, if the ensemble is served."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All that the card shows."""
        return tuple(each for each in (self.shown.picture, self.calibrated, self.learned) if each)

    @property
    def members(self) -> tuple[Member, ...]:
        """Of the ensemble that is served, if it is one."""
        return self.selection.members if self.selection and self.comparison else ()

    @property
    def beats_baseline(self) -> bool:
        """Whether even the worse end of the interval is better than predicting the same for every example."""
        low, high = self.intervals[self.metric]
        baseline = self.baseline[self.metric]
        return low > baseline if self.metric.higher_is_better else high < baseline
