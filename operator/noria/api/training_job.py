"""TrainingJob: chooses configurations for a dataset, trains them, and picks the best."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import (
    MOST_SECONDS,
    Duration,
    ObjectReference,
    Part,
    PrinterColumn,
    Quantity,
    Resource,
    Status,
    ready_columns,
)
from noria.api.pod_template import PodTemplate
from noria.api.retrain import RetrainSpec, RetrainStatus
from noria.api.run import RunStatus
from noria.contract import Artifact, Call, Configuration, Ensemble, EnsembleMember, FailureKind, Metric, Strategy, Task

CHOSEN = "Chosen"
"""Condition: the configurations of this run are known."""
OUTDATED = "Outdated"
"""Condition, only while True: the Dataset has a newer revision than that of the last run."""
RETRAIN_BLOCKED = "RetrainBlocked"
"""Condition, only while True: spec.retrain starts no run, or not by its schedule, until a person acts."""

# Reasons of conditions and events.
DATASET_NOT_FOUND = "DatasetNotFound"  # no Dataset of that name in the namespace
DATASET_NOT_READY = "DatasetNotReady"  # the Dataset has no revision to train on
METRIC_NOT_APPLICABLE = "MetricNotApplicable"  # the metric does not fit the dataset's task
CHOOSING = "Choosing"  # the choose step is running
CHOICE_FAILED = "ChoiceFailed"  # the choose step failed, e.g. because a configuration names an unknown family
TRAINING = "Training"  # trials are waiting or running
CONCLUDING = "Concluding"  # the conclude step is running
CONCLUDE_FAILED = "ConcludeFailed"  # the conclude step failed
SUCCEEDED = "Succeeded"  # the best trial is known and can be served
ALL_TRIALS_FAILED = "AllTrialsFailed"  # no trial produced a model
DEADLINE_EXCEEDED = str(FailureKind.DEADLINE_EXCEEDED)  # maxDuration is over
SUSPENDED_BY_USER = "SuspendedByUser"  # spec.suspend is true
WAITING_FOR_POD = "WaitingForPod"  # pods cannot start; the message is the cluster's
RUN_STARTED = "RunStarted"  # event: a run after the first starts; the message says why
NEWER_REVISION = "NewerRevision"  # Outdated: only a request starts a run on the newer revision
RUN_IN_PROGRESS = "RunInProgress"  # Outdated: the current run ends first
TOO_FEW_EXAMPLES = "TooFewExamples"  # Outdated: the newer revision has fewer more examples than retrain.newExamples
WAITING_FOR_SCHEDULE = "WaitingForSchedule"  # Outdated: a run starts at the next time of retrain.schedule
COOLING_DOWN = "CoolingDown"  # Outdated: a run starts when retrain.cooldown is over
MAX_PER_DAY_REACHED = "MaxPerDayReached"  # Outdated: a run starts when retrain.maxPerDay allows another one
BAD_SCHEDULE = "BadSchedule"  # RetrainBlocked: the schedule cannot be read
ROLLED_BACK = "RolledBack"  # RetrainBlocked, Outdated: a Model rolled this job's version back


class TrialState(StrEnum):
    """State of a trial. A failed trial does not fail the TrainingJob."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class SearchSpec(Part):
    """Which configurations to train."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "(self.strategy == 'Explicit') == (has(self.configurations) && size(self.configurations) > 0)",
            "configurations belong to strategy Explicit: give both or neither",
        )
    )

    strategy: Strategy = Strategy.META_LEARNED
    """How to choose configurations. MetaLearned: those that do best together on similar datasets, judged by all known
    results, or as Portfolio while these are too few. Portfolio: from a fixed list of diverse ones. Random: at random
    from the whole space. Explicit: those that you list."""
    trials: int = Field(default=5, ge=1, le=10)
    """Number of configurations to train; with strategy Explicit, all that you list are trained."""
    configurations: tuple[Configuration, ...] = Field(default=(), max_length=10)
    """For strategy Explicit: the configurations to train."""


class ResourcesSpec(Part):
    """Resources of each trial's pod."""

    gpus: int = Field(default=0, ge=0, le=16)
    """GPUs of each trial (nvidia.com/gpu)."""
    cpu: Quantity = "1"
    """CPU request of each trial, e.g. 2 or 500m."""
    memory: Quantity = "2Gi"
    """Memory request and limit of each trial, e.g. 4Gi."""
    ephemeral_storage: Quantity | None = None
    """Limit of what each trial writes to its node's disk, e.g. 50Gi: its copy of the revision, checkpoints, the model.
    If absent, the operator's setting stepEphemeralStorage."""


class TrainingJobSpec(Part):
    """What to train, how, and with which resources."""

    dataset_ref: ObjectReference
    """The Dataset to learn from."""
    metric: Metric | None = None
    """The metric by which trials are compared; by default that of the task."""
    search: SearchSpec = SearchSpec()
    """Which configurations to train."""
    ensemble: Ensemble = Ensemble.IF_BETTER
    """Whether trials may be served together, as one model. IfBetter: if that is clearly better than the best trial
    alone on validation examples set aside for this comparison. Never: no, since it costs the time and memory of every
    member."""
    resources: ResourcesSpec = ResourcesSpec()
    """Resources of each trial."""
    parallelism: int = Field(default=5, ge=1, le=10)
    """Maximum number of trials that run at the same time."""
    max_duration: Duration | None = Field(
        default=None, json_schema_extra=rule("duration(self) >= duration('10s')", "maxDuration must be at least 10s")
    )
    """Time limit for the whole run, not counting suspension; when it is over, the finished trials are concluded. A
    learned choice leaves out configurations that are expected to take longer than their share."""
    queue_name: str | None = Field(default=None, min_length=1, max_length=63)
    """Kueue LocalQueue that admits the trials."""
    suspend: bool = False
    """Stop the run and release its resources; trials resume from their checkpoints when it is false again."""
    ttl_seconds_after_finished: int | None = Field(default=None, ge=0, le=MOST_SECONDS)
    """Delete Jobs and pods this many seconds after the run has ended; the TrainingJob stays."""
    pod_template: PodTemplate | None = None
    """Where the pods may run and under which identity."""
    retrain: RetrainSpec | None = None
    """When to train again by itself, on a newer revision of the Dataset. Without it a newer revision only sets the
    condition Outdated; the annotation noria.dev/requestedAt with another value starts a run in any case."""


class ChoiceStatus(Part):
    """How the configurations were chosen."""

    strategy: str
    """The strategy that was used: MetaLearned, GreedyPortfolio (those that do best together over all known datasets),
    Portfolio (the fixed list), Random or Explicit."""
    basis: str = ""
    """What the choice is based on: how many results on how many datasets, the ids of the most similar ones, and how
    this dataset differs from all of them."""
    report_uri: str | None = Field(default=None, alias="reportURI")
    """The whole choice, in the object store, if the trials' parameters are too large to be shown here."""


class TrialStatus(Part):
    """One configuration of this run."""

    name: str
    """Name of the trial; part of the names of its Job and paths."""
    configuration: Configuration
    """The configuration that is trained."""
    reason: str = ""
    """Why it was chosen."""
    expected_score: float | None = None
    """The validation score that the choice expected."""
    spread: float | None = None
    """Standard deviation of the expected score over similar datasets."""
    state: TrialState = TrialState.PENDING
    """State of the trial."""
    score: float | None = None
    """Validation score."""
    duration: float | None = None
    """Training time in seconds."""
    failure: str | None = None
    """Kind of failure."""
    message: str | None = None
    """Why it failed or is waiting."""
    log_uri: str | None = Field(default=None, alias="logURI")
    """The last 100 lines of its log, in the object store, if it failed after it had begun."""


class BestStatus(Part):
    """What to serve."""

    trial: str
    """Name of the best single trial."""
    ensemble: tuple[EnsembleMember, ...] | None = Field(default=None, json_schema_extra=list_map("trial"))
    """Members of the ensemble, if the model is one."""
    run: int = 0
    """Number of the run that it came from."""
    dataset: str | None = None
    """The Dataset that it was trained on."""
    revision: str | None = None
    """The Dataset's revision that it was trained on."""
    task: Task | None = None
    """The task of that run."""
    metric: Metric | None = None
    """The metric of the score."""
    score: float
    """Score on the hold-out set, which no trial saw."""
    summary: str | None = None
    """Metric and score, rounded, e.g. Accuracy 0.819."""
    interval: tuple[float, float]
    """95 % interval of the score."""
    artifact: Artifact
    """The model to serve."""
    card_uri: str | None = Field(default=None, alias="cardURI")
    """Model card, in the object store."""
    call: Call | None = None
    """How to ask the model for a prediction."""


class TrainingJobStatus(Status):
    """Progress and result of the run."""

    run: RunStatus | None = None
    """The current or last run."""
    retrain: RetrainStatus | None = None
    """What spec.retrain has started, and since when its schedule holds."""
    choice: ChoiceStatus | None = None
    """How the configurations were chosen."""
    trials: tuple[TrialStatus, ...] = Field(default=(), json_schema_extra=list_map("name"))
    """The trials of this run, one for each configuration."""
    trials_done: str | None = None
    """Number of finished trials out of all, e.g. 3/5."""
    cost: str | None = None
    """Total training time of the finished trials, multiplied by their number of GPUs if they use any, e.g. 1h30m."""
    best: BestStatus | None = None
    """The latest success; it stays while a later run is in progress."""


class TrainingJob(Resource):
    """Finds a good model for a dataset."""

    kind: ClassVar[str] = "TrainingJob"
    plural: ClassVar[str] = "trainingjobs"
    short_names: ClassVar[tuple[str, ...]] = ("tj",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Dataset", "string", ".spec.datasetRef.name", "The Dataset to learn from"),
        PrinterColumn("Best", "string", ".status.best.summary", "Score of the best model on the hold-out set"),
        PrinterColumn("Trials", "string", ".status.trialsDone", "Finished trials out of all"),
        PrinterColumn("Cause", "string", ".status.run.cause", "Why the last run started", priority=1),
        PrinterColumn("Cost", "string", ".status.cost", "Total training time of the trials, multiplied by their GPUs"),
        *ready_columns("Whether there is a result"),
    )

    spec: TrainingJobSpec
    """What to train, how, and with which resources."""
    status: TrainingJobStatus = TrainingJobStatus()
    """Progress and result of the run."""
