"""What every part of a TrainingJob's decision looks at: the job with its status so far, what is seen, and the time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from noria.api import TrainingJob
from noria.api.duration import seconds
from noria.api.training_job import RunStatus, TrainingJobStatus, TrialState
from noria.decisions import state
from noria.decisions.decision import Reference
from noria.decisions.seen import JobState, SeenJob, SeenTrainingJob
from noria.decisions.step import Step, observe
from noria.decisions.time import from_text
from noria.resources.run_job import placement_of
from noria.resources.settings import Settings

FINISHED = (TrialState.SUCCEEDED, TrialState.FAILED)


@dataclass(frozen=True)
class Situation:
    """One pass over one TrainingJob."""

    job: TrainingJob
    seen: SeenTrainingJob
    settings: Settings
    now: datetime

    @property
    def status(self) -> TrainingJobStatus:
        """The status as far as this pass has come."""
        return self.job.status

    def but(self, **changes: Any) -> "Situation":
        """The same with other fields in the job's status."""
        status = self.job.status.model_copy(update=changes)
        return replace(self, job=self.job.model_copy(update={"status": status}))

    def observe(self, name: str) -> Step:
        """How the step with the Job of this name is doing."""
        seen = self.seen
        words = {**seen.refusals, **seen.rejections}
        return observe(name, jobs=seen.jobs, pods=seen.pods, refusals=words, now=self.now, placement=self._placement)

    @cached_property
    def _placement(self) -> str:
        return placement_of(self.job, self.settings)

    @property
    def has_unfinished_trials(self) -> bool:
        """Whether a trial has neither succeeded nor failed."""
        return any(trial.state not in FINISHED for trial in self.status.trials)

    @property
    def unfinished_jobs(self) -> tuple[Reference, ...]:
        """The Jobs that still take resources, of any run."""
        return references(job for job in self.seen.jobs if job.state is JobState.ACTIVE)

    def seconds_left(self, run: RunStatus) -> float | None:
        """Until maxDuration is over, suspension not counted; none without one."""
        if self.job.spec.max_duration is None:
            return None
        return max(0.0, seconds(self.job.spec.max_duration) - active_seconds(run, self.now))

    def progressing(self, reason: str, message: str) -> TrainingJobStatus:
        """The status, not Ready yet."""
        return state.progressing(self.status, self.job, reason=reason, message=message, now=self.now)

    def stalled(self, reason: str, message: str) -> TrainingJobStatus:
        """The status, waiting for a person."""
        return state.stalled(self.status, self.job, reason=reason, message=message, now=self.now)


def active_seconds(run: RunStatus, now: datetime) -> float:
    """How long the run was not suspended."""
    running = (now - from_text(run.started_at)).total_seconds() if run.started_at else 0
    return run.active_seconds + running


def references(jobs: Iterable[SeenJob]) -> tuple[Reference, ...]:
    """The Jobs to delete, of these; those already on their way are left alone."""
    return tuple(Reference("Job", job.name, job.uid) for job in jobs if not job.deleting)
