"""The input of every stage of a TrainingJob's decision: the job with its status so far, what is seen, and the time."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from noria.api import TrainingJob
from noria.api.duration import seconds
from noria.api.run import RunStatus
from noria.api.training_job import TrainingJobStatus, TrialState
from noria.contract import replaced
from noria.decision import Reference
from noria.decisions.follow import references
from noria.decisions.seen import JobState, SeenTrainingJob
from noria.decisions.state import Conditions
from noria.decisions.step import SeenStep, observe
from noria.decisions.time import from_text
from noria.resources.installation import Installation
from noria.resources.run_job import placement_of

FINISHED = (TrialState.SUCCEEDED, TrialState.FAILED)


@dataclass(frozen=True)
class Situation:
    """One reconcile of one TrainingJob, as far as it has come."""

    job: TrainingJob
    seen: SeenTrainingJob
    settings: Installation
    now: datetime

    @property
    def status(self) -> TrainingJobStatus:
        """The status as far as the stages have come."""
        return self.job.status

    @property
    def run(self) -> RunStatus:
        """The current run. Raises ValueError before the first stage has started one."""
        if self.status.run is None:
            raise ValueError(f"no run of {self.job.metadata.name} has begun")
        return self.status.run

    @property
    def conditions(self) -> Conditions[TrainingJobStatus]:
        """Sets the conditions of the status."""
        return Conditions(self.status, self.job.metadata.generation, self.now)

    def but(self, **changes: Any) -> "Situation":
        """The same with other values in these fields of the status."""
        return replace(self, job=replaced(self.job, status=replaced(self.status, **changes)))

    def but_run(self, **changes: Any) -> "Situation":
        """The same with other values in these fields of the run."""
        return self.but(run=replaced(self.run, **changes))

    def observe(self, name: str) -> SeenStep:
        """The state of the step with the Job of this name."""
        return observe(
            name,
            jobs=self.seen.jobs,
            pods=self.seen.pods,
            refusals=self.seen.refusals,
            rejections=self.seen.rejections,
            now=self.now,
            placement=self._placement,
        )

    @cached_property
    def _placement(self) -> str:
        return placement_of(self.job, self.settings)

    @property
    def trainer_image(self) -> str:
        """The image that a run is pinned to when it starts."""
        gpus = self.job.spec.resources.gpus
        return (gpus and self.settings.gpu_trainer_image) or self.settings.trainer_image

    @property
    def has_unfinished_trials(self) -> bool:
        """Whether a trial has neither succeeded nor failed."""
        return any(trial.state not in FINISHED for trial in self.status.trials)

    @property
    def unfinished_jobs(self) -> tuple[Reference, ...]:
        """The Jobs that still take resources, of any run."""
        return references(job for job in self.seen.jobs if job.state is JobState.ACTIVE)

    @property
    def seconds_left(self) -> float | None:
        """Until maxDuration of the run is over, suspension not counted; none without one."""
        if self.job.spec.max_duration is None:
            return None
        return max(0.0, seconds(self.job.spec.max_duration) - active_seconds(self.run, self.now))


def active_seconds(run: RunStatus, now: datetime) -> float:
    """How long the run was not suspended."""
    running = (now - from_text(run.started_at)).total_seconds() if run.started_at else 0
    return run.active_seconds + running
