"""The steps that a run depends on, e.g. choose and conclude: retried until they report or fail for good."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from noria.api.condition import REJECTED
from noria.api.run import RunStatus
from noria.api.training_job import WAITING_FOR_POD, TrainingJobStatus
from noria.contract import ExitCode, Report
from noria.decision import Decision
from noria.decisions.cure import with_cure
from noria.decisions.follow import answer, follow
from noria.decisions.step import Failure, SeenStep, backoff, remaining
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation
from noria.resources.manifest import Child

PATIENCE = 3
"""Failed tries in a row after which a person is asked to act; retries continue."""

R = TypeVar("R", bound=Report)


@dataclass(frozen=True, kw_only=True)
class Attempt(Generic[R]):
    """A step that a run depends on."""

    report: type[R]
    """The report that it returns."""
    name: str
    """Name of the current try's Job."""
    job: Callable[[RunStatus], Child]
    """Builds the Job of the try that the run counts."""
    working: str
    """Reason while it is running."""
    failed: str
    """Reason when it fails."""
    message: str
    """What it does."""
    otherwise: str
    """The failure if it returns a report of another kind."""
    report_uri: str
    """Where the current try stores its report."""


def attempt_step(at: Situation, attempt: Attempt[R]) -> Decision[TrainingJobStatus] | R:
    """The step's report once there is one, else what to do for it.

    | step | result |
    |---|---|
    | done | the report |
    | failed for good (bad order, bad data, another step's report) | the run ends, Stalled |
    | failed otherwise | retried with backoff; Stalled if a person can help, else Reconciling |
    | the API server rejects its Job | Stalled, Rejected; see `follow` |
    | waiting | WaitingForPod, with the cluster's message; see `follow` |
    | otherwise | see `follow` |
    """
    step = at.observe(attempt.name)
    outcome = answer(step, attempt.report, otherwise=attempt.otherwise)
    if isinstance(outcome, Failure):
        return _failed(at, attempt, step, outcome)
    if outcome is not None:
        return outcome
    followed = follow(step, partial(attempt.job, at.run))
    status = _waiting(at, attempt, step)
    return Decision(status, create=followed.create, delete=followed.delete, requeue=followed.requeue)


def _waiting(at: Situation, attempt: Attempt[R], step: SeenStep) -> TrainingJobStatus:
    if step.rejection:
        return at.conditions.stalled(REJECTED, step.rejection)
    if step.message:
        return at.conditions.progressing(WAITING_FOR_POD, with_cure(step.message, holders=at.seen.holders))
    if at.run.attempt:
        return at.conditions.observed()
    return at.conditions.progressing(attempt.working, attempt.message)


def _failed(at: Situation, attempt: Attempt[R], step: SeenStep, failure: Failure) -> Decision[TrainingJobStatus]:
    message = failure.message + failure.told_in_log(attempt.report_uri)
    if failure.is_permanent:
        return end(at, attempt.failed, message)
    tries = at.run.attempt + 1
    wait = remaining(step.job.finished_at if step.job else None, backoff(tries), at.now)
    if wait == 0:
        at = at.but_run(attempt=tries)
        return Decision(at.conditions.observed(), create=(attempt.job(at.run),))
    set_state = at.conditions.stalled if _needs_person(failure, tries) else at.conditions.progressing
    return Decision(set_state(attempt.failed, f"{attempt.message} failed: {message}"), requeue=wait)


def _needs_person(failure: Failure, tries: int) -> bool:
    return failure.code == ExitCode.NOT_PERMITTED or failure.kind.is_limit or tries >= PATIENCE
