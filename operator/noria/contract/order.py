"""What the operator orders a step to do, and a Model's pod to pull. `step` says which step has which order."""

from typing import Literal, Protocol

from pydantic import Field

from noria.contract.artifact import Artifact, Backbone
from noria.contract.configuration import Configuration, Strategy
from noria.contract.ensemble import Ensemble
from noria.contract.environment import MODELS_PATH
from noria.contract.failure import FailureKind
from noria.contract.home import Home
from noria.contract.proof import Policy, ProvenVersion
from noria.contract.shape import Prose, Shape
from noria.contract.source import HOLDOUT_FRACTION, Checks, Column, Source
from noria.contract.task import Metric, Task


class Order(Protocol):
    """What all orders have in common."""

    @property
    def step(self) -> str:
        """The step that it is for."""

    @property
    def report(self) -> str:
        """Where the report is stored before it is written to the termination message."""

    def to_json(self) -> str:
        """The order as JSON, for the environment variable."""


class RunOrder(Shape):
    """What the orders of a run's steps begin with."""

    step: str
    task: Task
    metric: Metric
    revision: str
    """`s3://BUCKET/datasets/NS/NAME/REVISION/`, as the profile wrote it."""


class ProfileOrder(Shape):
    """Read a source, check it, write its revision below `destination` and report."""

    step: Literal["profile"] = "profile"
    task: Task
    source: Source
    target: str | None = None
    columns: tuple[Column, ...] = ()
    holdout_fraction: float = HOLDOUT_FRACTION
    """Share of the examples to hold out, and of the rest to validate with."""
    holdout_column: str | None = None
    """The column that says which rows are held out, in place of a share."""
    holdout_uri: str | None = None
    """Where the examples to hold out are, in the source's format and store, in place of a share."""
    previous: str | None = None
    """The latest revision of the same dataset, whose examples stay in their splits."""
    checks: Checks = Checks()
    home: Home | None = None
    """Whose source it is; none outside of a cluster."""
    landmark_seconds: float = Field(default=0.0, ge=0)
    """CPU time for quick scores of cheap configurations, by which datasets are compared; 0: none."""
    destination: str
    """`s3://BUCKET/datasets/NS/NAME/`; the revision becomes the next path element."""
    report: str
    """Where the report is stored before it is written to the termination message."""


class StoredChoice(Shape):
    """Where a configuration has its parameters, if the choose step's message had no room for them."""

    report: str
    """The choose step's stored report."""
    number: int
    """The configuration's place in it, from 0."""


class Winner(Shape):
    """A configuration that won an earlier run of the same TrainingJob."""

    configuration: Configuration
    choice: StoredChoice | None = None


class ChooseOrder(RunOrder):
    """Choose the configurations to train on a revision."""

    step: Literal["choose"] = "choose"
    strategy: Strategy = Strategy.META_LEARNED
    trials: int = Field(default=5, ge=1, le=10)
    configurations: tuple[Configuration, ...] = ()
    """For strategy Explicit: the configurations to train."""
    previous: tuple[Winner, ...] = Field(default=(), max_length=2)
    """What won the last run; other strategies give it a place."""
    backbones: tuple[Backbone, ...] = ()
    experience: str
    """`s3://BUCKET/experience/`"""
    own_experience: str | None = None
    """`s3://BUCKET/datasets/NS/NAME/experience/`: results that stay with the Dataset, learned from as well."""
    exploration: float = Field(default=0.0, ge=0, le=1)
    """Probability that the last configuration of a learned choice is one about which little is known."""
    trial_seconds: float | None = Field(default=None, gt=0)
    """Time that each trial may take for all to end within maxDuration; a learned choice respects it where it can."""
    seed: int = 0
    report: str


class TrainOrder(RunOrder):
    """Train one configuration on a revision and export it below `destination`."""

    step: Literal["train"] = "train"
    configuration: Configuration
    choice: StoredChoice | None = None
    backbones: tuple[Backbone, ...] = ()
    seed: int = 0
    gpus: int = 0
    destination: str
    """`s3://BUCKET/runs/NS/JOB/UID/RUN/TRIAL/`: checkpoint, model.tar, history."""
    report: str


class FinishedTrial(Shape):
    """A finished trial, as the operator saw it."""

    name: str
    configuration: Configuration
    choice: StoredChoice | None = None
    score: float | None = None
    """Validation score; none for a failed trial."""
    failure: FailureKind | None = None
    """None for a success."""
    report: str
    """Where the trial's train step stored its report."""
    why: Prose | None = None
    """Why it was chosen."""


class ConcludeOrder(RunOrder):
    """Pick the best trial, score it on the hold-out set, package it and record all results."""

    step: Literal["conclude"] = "conclude"
    trials: tuple[FinishedTrial, ...]
    ensemble: Ensemble = Ensemble.NEVER
    """Whether trials may be packaged together."""
    experience: str
    """Where all results are kept: the shared place or the Dataset's own."""
    seed: int = 0
    gpus: int = 0
    """GPUs of each trial: budgets differ, so results with and without GPUs are not comparable."""
    destination: str
    """`s3://BUCKET/runs/NS/JOB/UID/RUN/best/`: model.tar, model card, plots."""
    report: str


class ProveOrder(Shape):
    """Compare a candidate with the served version on examples that neither was trained on, and say what follows."""

    step: Literal["prove"] = "prove"
    policy: Policy
    confidence_percent: int = Field(default=95, ge=50, le=99)
    margin_percent: int = Field(default=10, ge=0, le=100)
    """The loss that policy NotWorse allows, as a share of the served version's lead over the baseline."""
    candidate: ProvenVersion
    served: ProvenVersion
    anchor: ProvenVersion | None = None
    """The last version that was promoted because it was better, if that is not the served one."""
    seed: int = 0
    destination: str
    """`s3://BUCKET/proofs/NS/MODEL/UID/VERSION/`: the whole comparison, from which anyone can repeat the verdict."""
    report: str


class PullOrder(Shape):
    """Put a verified artifact at `destination/model/version`, complete or not at all."""

    step: Literal["pull"] = "pull"
    artifact: Artifact
    model: str
    version: int
    destination: str = MODELS_PATH
    home: Home | None = None
    """Whose artifact it is; none outside of a cluster."""
