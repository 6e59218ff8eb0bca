"""TrainingJob: chooses configurations for a dataset, trains them, and concludes with the best."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from noria.api.dataset import IDENTITY, IDENTITY_MESSAGE
from noria.api.kind import Duration, ObjectReference, Part, PrinterColumn, Quantity, Resource, Status
from noria.contract import Artifact, Configuration, Metric, Strategy

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
DEADLINE_EXCEEDED = "DeadlineExceeded"  # maxDuration is over
SUSPENDED_BY_USER = "SuspendedByUser"  # spec.suspend is true
RESUMED = "Resumed"  # spec.suspend is false again
WAITING_FOR_POD = "WaitingForPod"  # pods cannot start; the message has the cluster's words


class TrialState(StrEnum):
    """Where a trial is. A failed trial is not a failed job."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class SearchSpec(Part):
    """Which configurations are tried."""

    strategy: Annotated[Strategy, Field(description="How configurations are chosen.")] = Strategy.PORTFOLIO
    trials: Annotated[int, Field(ge=1, le=10, description="How many are trained.")] = 5
    configurations: Annotated[
        tuple[Configuration, ...], Field(max_length=10, description="For strategy Explicit: these and no others.")
    ] = ()


class ResourcesSpec(Part):
    """What each trial's pod may use."""

    gpus: Annotated[int, Field(ge=0, le=16, description="GPUs of each trial (nvidia.com/gpu).")] = 0
    cpu: Annotated[Quantity, Field(description="CPU of each trial.")] = "1"
    memory: Annotated[Quantity, Field(description="Memory of each trial, also its limit.")] = "2Gi"


class PodMetadata(Part):
    """Labels and annotations of trial pods."""

    labels: Annotated[dict[str, str], Field(max_length=50)] = Field(default_factory=dict)
    annotations: Annotated[dict[str, str], Field(max_length=50)] = Field(default_factory=dict)


class Toleration(Part):
    """As in a pod's spec."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


class PodTemplate(Part):
    """Where pods may run and as whom. Merged first, so nothing here can loosen what Noria sets."""

    metadata: Annotated[PodMetadata | None, Field(description="Labels and annotations of the pods.")] = None
    node_selector: Annotated[dict[str, str] | None, Field(description="Labels of nodes that may run the pods.")] = None
    tolerations: Annotated[
        tuple[Toleration, ...] | None, Field(max_length=50, description="Taints of nodes that the pods accept.")
    ] = None
    affinity: Annotated[dict[str, Any] | None, Field(description="As a pod's affinity.")] = None
    priority_class_name: Annotated[str | None, Field(description="As in a pod's spec.")] = None
    runtime_class_name: Annotated[str | None, Field(description="As in a pod's spec.")] = None
    service_account_name: Annotated[
        str | None, Field(description="Identity of the pods, e.g. for workload identity; no token is mounted.")
    ] = None
    image_pull_secrets: Annotated[
        tuple[ObjectReference, ...] | None, Field(max_length=10, description="As in a pod's spec.")
    ] = None


class TrainingJobSpec(Part):
    """What to train, how and with what."""

    dataset_ref: Annotated[ObjectReference, Field(description="The Dataset to learn from.")]
    metric: Annotated[Metric | None, Field(description="The score that decides; without it the task's own.")] = None
    search: Annotated[SearchSpec, Field(description="Which configurations are tried.")] = SearchSpec()
    resources: Annotated[ResourcesSpec, Field(description="What each trial may use.")] = ResourcesSpec()
    parallelism: Annotated[int, Field(ge=1, le=10, description="Trials that may run at the same time.")] = 5
    max_duration: Annotated[
        Duration | None,
        Field(description="Time for the whole run, suspension not counted; then what is finished is concluded."),
    ] = None
    queue_name: Annotated[
        str | None, Field(min_length=1, max_length=63, description="Kueue LocalQueue that admits the trials.")
    ] = None
    suspend: Annotated[
        bool,
        Field(
            description="Stop working and give resources back; trials go on from their checkpoints when it is false again."
        ),
    ] = False
    ttl_seconds_after_finished: Annotated[
        int | None, Field(ge=0, description="Remove Jobs and pods this long after the end; the TrainingJob stays.")
    ] = None
    pod_template: Annotated[PodTemplate | None, Field(description="Where the pods may run and as whom.")] = None


class RunStatus(Part):
    """One pass from choice to conclusion; a run-relevant change of the spec starts the next one."""

    number: Annotated[int, Field(description="Counts runs; in the names of children and paths.")]
    generation: Annotated[int, Field(description="The generation that started it.")]
    spec_hash: Annotated[str, Field(description="Hash of the fields whose change starts a run.")]
    revision: Annotated[str | None, Field(description="The dataset's revision, pinned.")] = None
    trainer_image: Annotated[str | None, Field(description="The trainers' image, pinned.")] = None
    started_at: Annotated[str | None, Field(description="When the run began or was last resumed.")] = None
    active_seconds: Annotated[float, Field(description="Unsuspended time before that.")] = 0
    finished_at: Annotated[str | None, Field(description="When it ended.")] = None
    attempt: Annotated[int, Field(description="Counts tries of the choose and conclude steps.")] = 0


class ChoiceStatus(Part):
    """What the configurations were chosen by."""

    strategy: Annotated[str, Field(description="The strategy that was used.")]
    basis: Annotated[str, Field(description="What the choice rests on.")] = ""


class TrialStatus(Part):
    """One configuration of this run."""

    name: str
    configuration: Configuration
    reason: Annotated[str, Field(description="Why it was chosen.")] = ""
    expected_score: float | None = None
    state: TrialState = TrialState.PENDING
    score: Annotated[float | None, Field(description="Validation score.")] = None
    duration: Annotated[float | None, Field(description="Seconds of training.")] = None
    failure: Annotated[str | None, Field(description="Kind of failure.")] = None
    message: Annotated[str | None, Field(description="Why it failed or waits.")] = None


class BestStatus(Part):
    """The trial to serve."""

    trial: str
    score: Annotated[float, Field(description="Score on the hold-out, which no trial saw.")]
    interval: Annotated[tuple[float, float], Field(description="The score's 95 % interval.")]
    artifact: Artifact
    card_uri: Annotated[str | None, Field(alias="cardURI", description="Model card, in the object store.")] = None


class TrainingJobStatus(Status):
    """How far the run is."""

    run: Annotated[RunStatus | None, Field(description="The present or last run.")] = None
    choice: Annotated[ChoiceStatus | None, Field(description="What the configurations were chosen by.")] = None
    trials: Annotated[tuple[TrialStatus, ...], Field(description="The configurations of this run.")] = ()
    trials_done: Annotated[str | None, Field(description="Finished trials of all, for people.")] = None
    best: Annotated[BestStatus | None, Field(description="The latest success, also while a later run works.")] = None


class TrainingJob(Resource):
    """Finds a good model for a dataset."""

    kind: ClassVar[str] = "TrainingJob"
    plural: ClassVar[str] = "trainingjobs"
    short_names: ClassVar[tuple[str, ...]] = ("tj",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Dataset", "string", ".spec.datasetRef.name", "What it learns from"),
        PrinterColumn("Best", "number", ".status.best.score", "Best score, on the hold-out"),
        PrinterColumn("Trials", "string", ".status.trialsDone", "Finished trials of all"),
        PrinterColumn("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', "Whether there is a result"),
        PrinterColumn("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', "Why"),
        PrinterColumn("Message", "string", '.status.conditions[?(@.type=="Ready")].message', "In words", 1),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Since creation"),
    )
    rules: ClassVar[tuple[tuple[str, str], ...]] = (
        (IDENTITY, IDENTITY_MESSAGE),
        (
            "(self.spec.?search.strategy.orValue('') == 'Explicit') == (self.spec.?search.configurations.orValue([]).size() > 0)",
            "spec.search.configurations belongs to strategy Explicit: give both or neither",
        ),
    )

    spec: TrainingJobSpec
    status: TrainingJobStatus = TrainingJobStatus()
