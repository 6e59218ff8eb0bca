"""Model: serves the latest success of a TrainingJob, or an artifact, behind one URL."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from noria.api.dataset import IDENTITY, IDENTITY_MESSAGE
from noria.api.kind import ObjectReference, Part, PrinterColumn, Quantity, Resource, Status
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

    training_job_ref: Annotated[
        ObjectReference | None, Field(description="Serve this TrainingJob's latest success.")
    ] = None
    artifact: Annotated[Artifact | None, Field(description="Serve this SavedModel in a tar.")] = None


class ServerResources(Part):
    """What each replica may use."""

    cpu: Annotated[Quantity, Field(description="CPU that each replica asks for; autoscaling is relative to it.")] = (
        "500m"
    )
    memory: Annotated[Quantity, Field(description="Memory of each replica, also its limit.")] = "1Gi"


class ServerSpec(Part):
    """The program that serves."""

    type: Annotated[ServerType, Field(description="TensorFlowServing, or Noria for laptops and CPU clusters.")] = (
        ServerType.TENSORFLOW_SERVING
    )
    image: Annotated[
        str | None, Field(min_length=1, max_length=512, description="Another image of the same server.")
    ] = None
    resources: Annotated[ServerResources, Field(description="What each replica may use.")] = ServerResources()
    gpus: Annotated[int, Field(ge=0, le=16, description="GPUs of each replica (nvidia.com/gpu).")] = 0


class ScalingSpec(Part):
    """How many replicas serve."""

    min_replicas: Annotated[int, Field(ge=1, le=1000, description="Fewest replicas.")] = 1
    max_replicas: Annotated[int, Field(ge=1, le=1000, description="Most replicas.")] = 3
    target_cpu: Annotated[
        int,
        Field(
            alias="targetCPU",
            ge=10,
            le=100,
            description="Share of the asked CPU, in percent, above which replicas are added.",
        ),
    ] = 70


class ModelSpec(Part):
    """What is served, by what, and how many times."""

    source: Annotated[SourceSpec, Field(description="What is served.")]
    server: Annotated[ServerSpec, Field(description="The program that serves.")] = ServerSpec()
    scaling: Annotated[ScalingSpec, Field(description="How many replicas serve.")] = ScalingSpec()


class VersionStatus(Part):
    """A version that was or is served."""

    version: Annotated[int, Field(description="Never reused.")]
    artifact: Artifact
    origin: Annotated[str | None, Field(description="TrainingJob, run and trial that it came from.")] = None
    score: Annotated[float | None, Field(description="Score on the hold-out, where known.")] = None
    created_at: Annotated[str | None, Field(description="When it became a version.")] = None
    message: Annotated[str | None, Field(description="Why it could not be served.")] = None


class ModelStatus(Status):
    """What is served where."""

    url: Annotated[str | None, Field(description="REST predictions are asked for here, inside the cluster.")] = None
    served: Annotated[int | None, Field(description="The version that answers.")] = None
    versions: Annotated[tuple[VersionStatus, ...], Field(max_length=10, description="The last ten, oldest first.")] = ()
    replicas: Annotated[int, Field(description="Ready replicas.")] = 0


class Model(Resource):
    """A served model."""

    kind: ClassVar[str] = "Model"
    plural: ClassVar[str] = "models"
    short_names: ClassVar[tuple[str, ...]] = ("nm",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("URL", "string", ".status.url", "Where predictions are asked for"),
        PrinterColumn("Served", "integer", ".status.served", "The version that answers"),
        PrinterColumn("Replicas", "integer", ".status.replicas", "Ready replicas"),
        PrinterColumn("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', "Whether it answers"),
        PrinterColumn("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', "Why"),
        PrinterColumn("Message", "string", '.status.conditions[?(@.type=="Ready")].message', "In words", 1),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Since creation"),
    )
    rules: ClassVar[tuple[tuple[str, str], ...]] = (
        (IDENTITY, IDENTITY_MESSAGE),
        (
            "has(self.spec.source.trainingJobRef) != has(self.spec.source.artifact)",
            "spec.source needs one of trainingJobRef and artifact",
        ),
        (
            "self.spec.?scaling.minReplicas.orValue(1) <= self.spec.?scaling.maxReplicas.orValue(3)",
            "spec.scaling.minReplicas must not exceed maxReplicas",
        ),
    )

    spec: ModelSpec
    status: ModelStatus = ModelStatus()
