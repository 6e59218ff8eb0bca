"""What is kept of the objects around ours, and what each decision is given to see.

Small and frozen, since the cache holds one per object of the cluster. Times are in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from noria.api.dataset import Dataset
from noria.api.training_job import TrainingJob
from noria.contract import FailureReport, parse_report

KILLED = 137
"""Exit code of what SIGKILL ended."""


class JobState(StrEnum):
    """Where a Job is."""

    ACTIVE = "Active"
    COMPLETE = "Complete"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A Job of ours."""

    name: str
    uid: str
    state: JobState = JobState.ACTIVE
    run: int | None = None
    """The run of a TrainingJob that it belongs to."""
    image: str = ""
    placement: str = ""
    """Digest of where its pods were wanted when it was made; empty of a Job that an older version made."""
    deleting: bool = False
    message: str = ""
    """Why it failed, as the Job controller says."""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenExit:
    """How a container ended last."""

    container: str
    code: int
    reason: str = ""
    """The kubelet's reason, e.g. Error, OOMKilled."""
    message: str = ""
    """The termination message: a report, or the last lines of the log."""

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended it for needing more memory than it may have; the exit code alone does not tell."""
        return self.reason == "OOMKilled"

    @property
    def explanation(self) -> str:
        """The failure that it reported, or the end of its log; empty where it left nothing."""
        report = parse_report(self.message)
        if isinstance(report, FailureReport):
            return f"{report.reason}: {report.message}"
        return self.message.strip()


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod of ours: of a Job, or one that serves."""

    name: str
    created_at: datetime
    job: str | None = None
    """The Job it belongs to."""
    version: int | None = None
    """The version of a Model that it serves."""
    phase: str = "Pending"
    ready: bool = False
    deleting: bool = False
    message: str = ""
    """Why it cannot start, as the scheduler or the kubelet says."""
    exit: SeenExit | None = None
    """How its container ended; of several, the first that failed."""
    restarts: int = 0
    """Of that container."""


@dataclass(frozen=True, slots=True)
class SeenChild:
    """A child that is applied: Service, HorizontalPodAutoscaler, PodDisruptionBudget."""

    kind: str
    name: str
    applied: str = ""
    """Digest of what was applied, from an annotation."""


@dataclass(frozen=True, slots=True)
class SeenDeployment:
    """The Deployment of a Model."""

    name: str
    applied: str = ""
    version: int | None = None
    """The version of its template."""
    generation: int = 0
    observed_generation: int = 0
    replicas: int = 0
    updated: int = 0
    message: str = ""
    """Why pods cannot be made (quota, Pod Security), as the API server says."""
    late: bool = False
    """Whether its rollout made no progress for its progress deadline."""


@dataclass(frozen=True, kw_only=True)
class SeenDataset:
    """What `decide_dataset` sees."""

    jobs: tuple[SeenJob, ...] = ()
    pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    """By Job: why its pods do not exist, as a FailedCreate event or Kueue's Workload says."""
    rejections: Mapping[str, str] = field(default_factory=dict)
    """By name: children of this generation that the API server rejected (422), with its message."""


@dataclass(frozen=True, kw_only=True)
class SeenTrainingJob:
    """What `decide_training_job` sees."""

    dataset: Dataset | None = None
    """The Dataset of `spec.datasetRef`."""
    jobs: tuple[SeenJob, ...] = ()
    pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    rejections: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SeenModel:
    """What `decide_model` sees."""

    training_job: TrainingJob | None = None
    """The TrainingJob of `spec.source.trainingJobRef`."""
    deployment: SeenDeployment | None = None
    children: tuple[SeenChild, ...] = ()
    """Service, HorizontalPodAutoscaler, PodDisruptionBudget."""
    pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    rejections: Mapping[str, str] = field(default_factory=dict)
