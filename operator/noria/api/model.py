"""Model: serves the last promoted success of a TrainingJob, or an artifact, at one URL."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import ObjectReference, Part, PrinterColumn, Quantity, Resource, SourceURI, ready_columns
from noria.api.notification import NotifyingStatus, NotifySpec
from noria.api.promotion import CandidateStatus, InstructionStatus, PromotionSpec, VerdictStatus, WatchStatus
from noria.contract import Artifact, Call, Metric, Task

LOADED = "Loaded"
"""Condition: a version is loaded and answers requests."""

# Reasons of conditions and events.
TRAINING_JOB_NOT_FOUND = "TrainingJobNotFound"  # no TrainingJob of that name in the namespace
TRAINING_JOB_NOT_READY = "TrainingJobNotReady"  # the TrainingJob has no result yet
LOADING = "Loading"  # a version is being fetched and loaded
SERVING = "Serving"  # the served version answers requests
ARTIFACT_REFUSED = "ArtifactRefused"  # the artifact is not the namespace's to read
LOAD_FAILED = "LoadFailed"  # the version cannot be fetched or loaded
ROLLING_OUT = "RollingOut"  # a new version replaces the served one, which answers in the meantime
CANDIDATE_FAILED = "CandidateFailed"  # a new version cannot be loaded; the old one keeps serving
WAITING_FOR_POD = "WaitingForPod"  # pods cannot start; the message is the cluster's
NOT_IN_OBJECT_STORE = "NotInObjectStore"  # BytesGone: a version is not in the object store any more


class ServerType(StrEnum):
    """Which server to use. Both have TensorFlow Serving's API."""

    TENSORFLOW_SERVING = "TensorFlowServing"
    NORIA = "Noria"


class ArtifactSpec(Part):
    """A SavedModel to serve: a tar file that is used only if its digest matches."""

    uri: SourceURI
    """s3://BUCKET/PATH of the file, or its https:// URL."""
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", max_length=71)
    """SHA-256 of the file's bytes, as sha256: and 64 hex digits."""


class SourceSpec(Part):
    """What to serve: successes of a TrainingJob that are promoted, or an artifact."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "has(self.trainingJobRef) != has(self.artifact)", "give either trainingJobRef or artifact"
        )
    )

    training_job_ref: ObjectReference | None = None
    """Serve this TrainingJob's successes, each once it is promoted."""
    artifact: ArtifactSpec | None = None
    """Serve this SavedModel, a tar file, at once and without a proof."""


class ServerResources(Part):
    """Resources of each replica."""

    cpu: Quantity = "500m"
    """CPU request of each replica, e.g. 500m; autoscaling is relative to it."""
    memory: Quantity = "1Gi"
    """Memory request and limit of each replica, e.g. 2Gi."""
    ephemeral_storage: Quantity | None = None
    """Limit of what each replica writes to its node's disk, e.g. 50Gi: the archive of the model, its files. If absent,
    the operator's setting serverEphemeralStorage."""


class ServerSpec(Part):
    """The server to use."""

    type: ServerType | None = None
    """TensorFlowServing, or Noria for laptops and CPU clusters. Both have the same API. If absent, the operator's
    setting defaultServerType, which is TensorFlowServing unless the installation says otherwise."""
    image: str | None = Field(default=None, min_length=1, max_length=512)
    """A different image of the same server."""
    resources: ServerResources = ServerResources()
    """Resources of each replica."""
    gpus: int = Field(default=0, ge=0, le=16)
    """GPUs of each replica (nvidia.com/gpu)."""


class ScalingSpec(Part):
    """How many replicas serve."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "!has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
            "minReplicas must not exceed maxReplicas: raise it too",
        )
    )

    min_replicas: int = Field(default=1, ge=1, le=1000)
    """Minimum number of replicas."""
    max_replicas: int | None = Field(default=None, ge=1, le=1000)
    """Maximum number of replicas; by default 3, or minReplicas if that is more."""
    target_cpu: int = Field(default=70, alias="targetCPU", ge=10, le=100)
    """Average CPU use above which replicas are added, in percent of the CPU request."""

    @property
    def ceiling(self) -> int:
        """The maximum number of replicas, also where the spec gives none."""
        return self.max_replicas or max(3, self.min_replicas)


class ModelSpec(Part):
    """What to serve, with which server, and on how many replicas."""

    source: SourceSpec
    """What to serve: either trainingJobRef or artifact."""
    server: ServerSpec = ServerSpec()
    """The server to use."""
    scaling: ScalingSpec = ScalingSpec()
    """How many replicas serve."""
    promotion: PromotionSpec = PromotionSpec()
    """What a success of the TrainingJob must show before it is served."""
    notify: NotifySpec | None = None
    """A server to notify when a version wants approval, is promoted, rejected or rolled back."""


class VersionStatus(Part):
    """A version of the model."""

    version: int
    """Number of the version; never reused."""
    artifact: Artifact
    """The SavedModel, a tar file."""
    origin: str | None = None
    """TrainingJob, run and trial that it came from."""
    score: float | None = None
    """Score on the hold-out set, if known."""
    call: Call | None = None
    """How to ask it for a prediction at the Model's URL, if known."""
    dataset: str | None = None
    """The Dataset that it was trained on, if known."""
    revision: str | None = None
    """The Dataset's revision that it was trained on, if known."""
    task: Task | None = None
    """Its task, if known."""
    metric: Metric | None = None
    """The metric of its score, if known."""
    created_at: str | None = None
    """When the version was created."""
    verdict: VerdictStatus | None = None
    """Whether it may be served. A version without one is the candidate, or from before there were verdicts."""
    promoted_at: str | None = None
    """When it was promoted last; later than that of every version promoted before."""
    is_anchor: bool = False
    """Whether later versions are held to its score: it was promoted as better, or without a proof."""
    message: str | None = None
    """Why it could not be served."""

    def is_from(self, training_job: str) -> bool:
        """Whether this TrainingJob trained it."""
        return (self.origin or "").startswith(f"TrainingJob {training_job}, ")


class ModelStatus(NotifyingStatus):
    """What is served, and where."""

    url: str | None = None
    """REST URL of the model, inside the cluster."""
    served: int | None = None
    """The version that answers requests."""
    candidate: CandidateStatus | None = None
    """The version that may replace the served one, until there is a verdict."""
    watch: WatchStatus | None = None
    """The last promotion that was watched."""
    pinned: int | None = None
    """The version that the annotation noria.dev/serve chose."""
    instructions: tuple[InstructionStatus, ...] = Field(
        default=(), max_length=3, json_schema_extra=list_map("annotation")
    )
    """What the annotations noria.dev/promote, reject and serve asked for last."""
    versions: tuple[VersionStatus, ...] = Field(default=(), max_length=10, json_schema_extra=list_map("version"))
    """The last ten versions, oldest first. What is served, pinned, anchor or among the last three promoted is kept."""
    replicas: int = 0
    """Number of ready replicas."""


class Model(Resource):
    """A served model."""

    kind: ClassVar[str] = "Model"
    plural: ClassVar[str] = "models"
    short_names: ClassVar[tuple[str, ...]] = ("nm",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("URL", "string", ".status.url", "REST URL of the model"),
        PrinterColumn("Served", "integer", ".status.served", "The version that answers requests"),
        PrinterColumn("Candidate", "integer", ".status.candidate.version", "The version that may replace it"),
        PrinterColumn("Waits", "string", ".status.candidate.reason", "What the candidate is waiting for", priority=1),
        PrinterColumn("Verdict", "string", ".status.versions[-1:].verdict.result", "Verdict on the newest version"),
        PrinterColumn("Because", "string", ".status.versions[-1:].verdict.reason", "Reason of the verdict", priority=1),
        PrinterColumn("Replicas", "integer", ".status.replicas", "Ready replicas"),
        *ready_columns("Whether it answers requests"),
    )

    spec: ModelSpec
    """What to serve, with which server, and on how many replicas."""
    status: ModelStatus = ModelStatus()
    """What is served, and where."""
