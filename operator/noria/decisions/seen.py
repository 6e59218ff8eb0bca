"""What the cache keeps of other objects, and the input of each decision.

Small and frozen, since the cache holds one per object of the cluster. Times are in UTC.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from noria.api.dataset import Dataset
from noria.api.training_job import TrainingJob
from noria.contract import FailureKind, FailureReport, parse_report, visible
from noria.decisions.time import from_text

KILLED = 137
"""Exit code of a process that SIGKILL ended."""
EVICTED = "Evicted"
"""Reason of a pod that the kubelet ended for what it used, or for what its node lacks."""
LATE = str(FailureKind.DEADLINE_EXCEEDED)
"""Reason of a pod that ran longer than it may, and of its Job where the Job may not run longer."""


class JobState(StrEnum):
    """State of a Job."""

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
    step: str = ""
    image: str = ""
    placement: str = ""
    """Digest of where its pods belonged when it was created; empty for Jobs from older versions."""
    deleting: bool = False
    reason: str = ""
    """The Job controller's reason for its failure, e.g. BackoffLimitExceeded."""
    message: str = ""
    """Why it failed, according to the Job controller."""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeenExit:
    """How a container last ended."""

    container: str
    code: int
    reason: str = ""
    """The kubelet's reason, e.g. Error, OOMKilled."""
    message: str = ""
    """The termination message: a report, or the last lines of the log."""

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether it was killed for exceeding its memory limit; the exit code alone does not show that."""
        return self.reason == "OOMKilled"

    @property
    def ran_out_of_disk(self) -> bool:
        """Whether its pod was evicted for exceeding its own limit, not because its node ran out of disk."""
        return self.reason == EVICTED and re.search(r"\bexceed(s|ed) .*limit\b", self.message) is not None

    @property
    def is_hopeless(self) -> bool:
        """Whether another pod with the same limits would end the same way."""
        return self.ran_out_of_memory or self.ran_out_of_disk

    @property
    def ran_too_long(self) -> bool:
        """Whether it reached its time limit."""
        return self.reason == LATE

    @property
    def explanation(self) -> str:
        """The failure that it reported, or the end of its log; empty if it left neither."""
        report = parse_report(self.message)
        if isinstance(report, FailureReport):
            return f"{report.reason}: {report.message}"
        return "" if report else visible(self.message.strip())


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod of ours: of a Job, or one that serves."""

    name: str
    created_at: datetime
    job: str | None = None
    """The Job it belongs to."""
    version: int | None = None
    """The version of a Model that it serves."""
    template: str = ""
    """Digest of the Deployment's template that it was made from; empty for pods from older versions."""
    phase: str = "Pending"
    ready: bool = False
    deleting: bool = False
    message: str = ""
    """Why it cannot start, according to the scheduler or the kubelet."""
    requests: tuple[str, ...] = ()
    """The resources that it requests, e.g. cpu, nvidia.com/gpu."""
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
    template: str = ""
    """Digest of its template."""
    generation: int = 0
    observed_generation: int = 0
    replicas: int = 0
    updated: int = 0
    message: str = ""
    """Why pods cannot be created (quota, Pod Security), according to the API server."""
    late: bool = False
    """Whether its rollout exceeded its progress deadline."""


@dataclass(frozen=True, slots=True)
class SeenStored:
    """What is known of an object in the object store."""

    is_there: bool
    looked_at: datetime

    def is_gone(self, since: str | None) -> bool:
        """Whether it is absent, though it was written at this time of a status."""
        return not self.is_there and since is not None and self.looked_at > from_text(since)


@dataclass(frozen=True, kw_only=True)
class SeenDataset:
    """What `decide_dataset` sees."""

    jobs: tuple[SeenJob, ...] = ()
    pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    """By Job: why its pods do not exist, according to a FailedCreate event or Kueue's Workload."""
    rejections: Mapping[str, str] = field(default_factory=dict)
    """By name: children of this generation that the API server rejected (422), with its message."""
    holders: str = ""
    """Pods of ours that hold the nodes while one of the object's pods finds no room."""
    stored: SeenStored | None = None
    """The manifest of its revision, if that has been looked for."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """A version that was promoted and taken back."""

    model: str
    version: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SeenTrainingJob:
    """What `decide_training_job` sees."""

    dataset: Dataset | None = None
    """The Dataset of `spec.datasetRef`."""
    dataset_problem: str = ""
    """Why it cannot be read, if it is there."""
    rollback: Rollback | None = None
    """The latest one of a Model that serves this job's results."""
    jobs: tuple[SeenJob, ...] = ()
    pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    rejections: Mapping[str, str] = field(default_factory=dict)
    holders: str = ""
    stored: SeenStored | None = None
    """The artifact of its result, if that has been looked for."""


@dataclass(frozen=True, kw_only=True)
class SeenModel:
    """What `decide_model` sees."""

    training_job: TrainingJob | None = None
    """The TrainingJob of `spec.source.trainingJobRef`."""
    training_job_problem: str = ""
    """Why it cannot be read, if it is there."""
    deployment: SeenDeployment | None = None
    children: tuple[SeenChild, ...] = ()
    """Service, HorizontalPodAutoscaler, PodDisruptionBudget."""
    pods: tuple[SeenPod, ...] = ()
    """Those that serve."""
    jobs: tuple[SeenJob, ...] = ()
    """Of proofs."""
    job_pods: tuple[SeenPod, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
    """As for a Dataset; by name where a Job is refused, by kind and name where another child is."""
    rejections: Mapping[str, str] = field(default_factory=dict)
    holders: str = ""
    stored: Mapping[str, SeenStored] = field(default_factory=dict)
    """Artifacts of its versions that have been looked for, by URI."""

    def of_rollout(self) -> "SeenModel":
        """Without what is said about Jobs, which serve nothing."""
        refusals, rejections = (
            {name: message for name, message in messages.items() if " " in name}
            for messages in (self.refusals, self.rejections)
        )
        return replace(self, refusals=refusals, rejections=rejections)
