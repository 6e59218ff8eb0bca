"""Model: serves the latest success of a TrainingJob, or an artifact, behind one URL."""

from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import ObjectReference, Part, PrinterColumn, Quantity, Resource, Status, ready_columns
from noria.contract import Artifact

LOADED = "Loaded"
"""Condition: a version is loaded and answers."""

# Reasons of conditions and events.
TRAINING_JOB_NOT_FOUND = "TrainingJobNotFound"  # no TrainingJob of that name in the namespace
TRAINING_JOB_NOT_READY = "TrainingJobNotReady"  # the TrainingJob has no result yet
LOADING = "Loading"  # a version is being fetched and loaded
SERVING = "Serving"  # the served version answers
LOAD_FAILED = "LoadFailed"  # the version cannot be fetched or loaded
ROLLING_OUT = "RollingOut"  # a new version replaces the served one, which answers meanwhile
CANDIDATE_FAILED = "CandidateFailed"  # a new version cannot be loaded; the old one goes on serving
WAITING_FOR_POD = "WaitingForPod"  # pods cannot start; the message has the cluster's words


class ServerType(StrEnum):
    """Which program serves. Both have TensorFlow Serving's API."""

    TENSORFLOW_SERVING = "TensorFlowServing"
    NORIA = "Noria"


class SourceSpec(Part):
    """What is served: the latest success of a TrainingJob, or an artifact."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "has(self.trainingJobRef) != has(self.artifact)", "give one of trainingJobRef and artifact"
        )
    )

    training_job_ref: ObjectReference | None = None
    """Serve this TrainingJob's latest success."""
    artifact: Artifact | None = None
    """Serve this SavedModel in a tar."""


class ServerResources(Part):
    """What each replica may use."""

    cpu: Quantity = "500m"
    """CPU that each replica asks for, e.g. 500m; autoscaling is relative to it."""
    memory: Quantity = "1Gi"
    """Memory of each replica, also its limit, e.g. 2Gi."""


class ServerSpec(Part):
    """The program that serves."""

    type: ServerType = ServerType.TENSORFLOW_SERVING
    """TensorFlowServing, or Noria for laptops and CPU clusters. Both have the same API."""
    image: str | None = Field(default=None, min_length=1, max_length=512)
    """Another image of the same server."""
    resources: ServerResources = ServerResources()
    """What each replica may use."""
    gpus: int = Field(default=0, ge=0, le=16)
    """GPUs of each replica (nvidia.com/gpu)."""


class ScalingSpec(Part):
    """How many replicas serve."""

    model_config = ConfigDict(
        json_schema_extra=rule("self.minReplicas <= self.maxReplicas", "minReplicas must not exceed maxReplicas")
    )

    min_replicas: int = Field(default=1, ge=1, le=1000)
    """Fewest replicas."""
    max_replicas: int = Field(default=3, ge=1, le=1000)
    """Most replicas."""
    target_cpu: int = Field(default=70, alias="targetCPU", ge=10, le=100)
    """Share of the asked CPU, in percent, above which replicas are added."""


class ModelSpec(Part):
    """What is served, by what, and how many times."""

    source: SourceSpec
    """What is served: one of trainingJobRef and artifact."""
    server: ServerSpec = ServerSpec()
    """The program that serves."""
    scaling: ScalingSpec = ScalingSpec()
    """How many replicas serve."""


class VersionStatus(Part):
    """A version that was or is served."""

    version: int
    """Never reused."""
    artifact: Artifact
    """The SavedModel in a tar."""
    origin: str | None = None
    """TrainingJob, run and trial that it came from."""
    score: float | None = None
    """Score on the hold-out, where known."""
    created_at: str | None = None
    """When it became a version."""
    message: str | None = None
    """Why it could not be served."""


class ModelStatus(Status):
    """What is served where."""

    url: str | None = None
    """REST predictions are asked for here, inside the cluster."""
    served: int | None = None
    """The version that answers."""
    versions: tuple[VersionStatus, ...] = Field(default=(), max_length=10, json_schema_extra=list_map("version"))
    """The last ten, oldest first."""
    replicas: int = 0
    """Ready replicas."""


class Model(Resource):
    """A served model."""

    kind: ClassVar[str] = "Model"
    plural: ClassVar[str] = "models"
    short_names: ClassVar[tuple[str, ...]] = ("nm",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("URL", "string", ".status.url", "Where predictions are asked for"),
        PrinterColumn("Served", "integer", ".status.served", "The version that answers"),
        PrinterColumn("Replicas", "integer", ".status.replicas", "Ready replicas"),
        *ready_columns("Whether it answers"),
    )

    spec: ModelSpec
    """What is served, by what, and how many times."""
    status: ModelStatus = ModelStatus()
    """What is served where."""
