"""TrainingJob: chooses configurations for a dataset, trains them, and concludes with the best."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.dataset import ShareExperience
from noria.api.keyword import list_map, rule
from noria.api.kind import Duration, ObjectReference, Part, PrinterColumn, Quantity, Resource, Status, ready_columns
from noria.api.pod_template import PodTemplate
from noria.contract import Artifact, Configuration, Ensemble, EnsembleMember, FailureKind, Metric, Strategy, Task

CHOSEN = "Chosen"
"""Condition: the configurations of this run are known."""

# Reasons of conditions and events.
DATASET_NOT_FOUND = "DatasetNotFound"  # no Dataset of that name in the namespace
DATASET_NOT_READY = "DatasetNotReady"  # the Dataset has no revision that can be trained on
METRIC_NOT_APPLICABLE = "MetricNotApplicable"  # the metric does not fit the dataset's task
CHOOSING = "Choosing"  # the choose step is working
CHOICE_FAILED = "ChoiceFailed"  # the choose step refused, e.g. a configuration of an unknown family
TRAINING = "Training"  # trials are waiting or running
CONCLUDING = "Concluding"  # the conclude step is working
CONCLUDE_FAILED = "ConcludeFailed"  # the conclude step refused
SUCCEEDED = "Succeeded"  # the best trial is known and can be served
ALL_TRIALS_FAILED = "AllTrialsFailed"  # no trial has a model
DEADLINE_EXCEEDED = str(FailureKind.DEADLINE_EXCEEDED)  # maxDuration is over
SUSPENDED_BY_USER = "SuspendedByUser"  # spec.suspend is true
WAITING_FOR_POD = "WaitingForPod"  # pods cannot start; the message has the cluster's words


class TrialState(StrEnum):
    """Where a trial is. A failed trial is not a failed job."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class SearchSpec(Part):
    """Which configurations are tried."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "(self.strategy == 'Explicit') == (has(self.configurations) && size(self.configurations) > 0)",
            "configurations belong to strategy Explicit: give both or neither",
        )
    )

    strategy: Strategy = Strategy.META_LEARNED
    """How configurations are chosen: MetaLearned takes those that are best together on datasets like this one, by all
    results known, and Portfolio's where too few are; Portfolio a fixed list of diverse ones, Random any of the space,
    Explicit those that you list."""
    trials: int = Field(default=5, ge=1, le=10)
    """How many are trained."""
    configurations: tuple[Configuration, ...] = Field(default=(), max_length=10)
    """For strategy Explicit: these and no others."""


class ResourcesSpec(Part):
    """What each trial's pod may use."""

    gpus: int = Field(default=0, ge=0, le=16)
    """GPUs of each trial (nvidia.com/gpu)."""
    cpu: Quantity = "1"
    """CPU of each trial, e.g. 2 or 500m."""
    memory: Quantity = "2Gi"
    """Memory of each trial, also its limit, e.g. 4Gi."""


class TrainingJobSpec(Part):
    """What to train, how and with what."""

    dataset_ref: ObjectReference
    """The Dataset to learn from."""
    metric: Metric | None = None
    """The score that decides; without it the task's own."""
    search: SearchSpec = SearchSpec()
    """Which configurations are tried."""
    ensemble: Ensemble = Ensemble.IF_BETTER
    """Whether trials may be served together, as one model: IfBetter where that is surely better than the best of them
    alone, by validation examples kept apart for this question; Never, since it costs each member's time and memory."""
    resources: ResourcesSpec = ResourcesSpec()
    """What each trial may use."""
    parallelism: int = Field(default=5, ge=1, le=10)
    """Trials that may run at the same time."""
    max_duration: Duration | None = Field(
        default=None, json_schema_extra=rule("duration(self) >= duration('10s')", "maxDuration is at least 10s")
    )
    """Time for the whole run, suspension not counted; then what is finished is concluded. A learned choice leaves out
    what is expected to take longer than its turn."""
    queue_name: str | None = Field(default=None, min_length=1, max_length=63)
    """Kueue LocalQueue that admits the trials."""
    suspend: bool = False
    """Stop working and give resources back; trials go on from their checkpoints when it is false again."""
    ttl_seconds_after_finished: int | None = Field(default=None, ge=0)
    """Remove Jobs and pods this long after the end; the TrainingJob stays."""
    pod_template: PodTemplate | None = None
    """Where the pods may run and as whom."""


class RunStatus(Part):
    """One pass from choice to conclusion; a run-relevant change of the spec starts the next one."""

    number: int
    """Counts runs; in the names of children and paths."""
    generation: int
    """The generation that started it."""
    spec_hash: str
    """Hash of the fields whose change starts a run."""
    task: Task
    """The dataset's task, pinned."""
    revision: str
    """The dataset's revision, pinned."""
    trainer_image: str
    """The trainers' image, pinned."""
    share_experience: ShareExperience = ShareExperience.SHARED
    """Whether the results of this run join the shared experience, pinned."""
    started_at: str | None = None
    """When the run began or was last resumed."""
    active_seconds: float = 0
    """Unsuspended time before that."""
    finished_at: str | None = None
    """When it ended."""
    reason: str | None = None
    """How it ended, as the condition Ready says it."""
    message: str | None = None
    """The same in words."""
    attempt: int = 0
    """Counts tries of the choose and conclude steps."""


class ChoiceStatus(Part):
    """What the configurations were chosen by."""

    strategy: str
    """The strategy that was used: MetaLearned, GreedyPortfolio (the best five over all datasets known), Portfolio (the
    fixed list), Random or Explicit."""
    basis: str = ""
    """What the choice rests on: how many results on how many datasets, the nearest of them by their ids, and in what
    the dataset is unlike any of them."""


class TrialStatus(Part):
    """One configuration of this run."""

    name: str
    """In the names of the trial's Job and paths."""
    configuration: Configuration
    """What is trained."""
    reason: str = ""
    """Why it was chosen."""
    expected_score: float | None = None
    """The validation score that the choice expected."""
    spread: float | None = None
    """One standard deviation of the expected score over the datasets alike."""
    state: TrialState = TrialState.PENDING
    """Where the trial is."""
    score: float | None = None
    """Validation score."""
    duration: float | None = None
    """Seconds of training."""
    failure: str | None = None
    """Kind of failure."""
    message: str | None = None
    """Why it failed or waits."""


class BestStatus(Part):
    """What to serve."""

    trial: str
    """The name of the trial that is best by itself."""
    ensemble: tuple[EnsembleMember, ...] | None = Field(default=None, json_schema_extra=list_map("trial"))
    """Where the model is an ensemble: its trials."""
    run: int = 0
    """Its run."""
    score: float
    """Score on the hold-out, which no trial saw."""
    interval: tuple[float, float]
    """The score's 95 % interval."""
    artifact: Artifact
    """The model that can be served."""
    card_uri: str | None = Field(default=None, alias="cardURI")
    """Model card, in the object store."""


class TrainingJobStatus(Status):
    """How far the run is."""

    run: RunStatus | None = None
    """The present or last run."""
    choice: ChoiceStatus | None = None
    """What the configurations were chosen by."""
    trials: tuple[TrialStatus, ...] = Field(default=(), json_schema_extra=list_map("name"))
    """The configurations of this run."""
    trials_done: str | None = None
    """Finished trials of all, for people."""
    cost: str | None = None
    """Time that the finished trials have trained, summed, and times their GPUs where they have any; for people."""
    best: BestStatus | None = None
    """The latest success, also while a later run works."""


class TrainingJob(Resource):
    """Finds a good model for a dataset."""

    kind: ClassVar[str] = "TrainingJob"
    plural: ClassVar[str] = "trainingjobs"
    short_names: ClassVar[tuple[str, ...]] = ("tj",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Dataset", "string", ".spec.datasetRef.name", "What it learns from"),
        PrinterColumn("Best", "number", ".status.best.score", "Best score, on the hold-out"),
        PrinterColumn("Trials", "string", ".status.trialsDone", "Finished trials of all"),
        PrinterColumn("Cost", "string", ".status.cost", "Training time of the trials, summed, times their GPUs"),
        *ready_columns("Whether there is a result"),
    )

    spec: TrainingJobSpec
    """What to train, how and with what."""
    status: TrainingJobStatus = TrainingJobStatus()
    """How far the run is."""
