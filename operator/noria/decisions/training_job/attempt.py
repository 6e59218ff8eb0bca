"""The steps that a run cannot do without, e.g. choose and conclude: tried until they answer or refuse for good."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from noria.api.condition import REJECTED
from noria.api.training_job import WAITING_FOR_POD, RunStatus, TrainingJobStatus
from noria.contract import ExitCode, FailureKind, Report
from noria.decision import Decision
from noria.decisions.cure import with_cure
from noria.decisions.follow import answer, follow
from noria.decisions.step import Failure, SeenStep, backoff, remaining
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation
from noria.resources.manifest import Child

PATIENCE = 3
"""Failed tries in a row after which a person is asked for; trying goes on."""

R = TypeVar("R", bound=Report)


@dataclass(frozen=True, kw_only=True)
class Attempt(Generic[R]):
    """One step as a run needs it."""

    report: type[R]
    """What the step answers."""
    name: str
    """Of the Job of the present try."""
    job: Callable[[RunStatus], Child]
    """Builds the Job of the try that the run counts."""
    working: str
    """Reason while it works."""
    failed: str
    """Reason when it fails."""
    message: str
    """What it does."""
    otherwise: str
    """What went wrong where it answers something else."""


def attempt_step(at: Situation, attempt: Attempt[R]) -> Decision[TrainingJobStatus] | R:
    """The step's report once there is one, else what to do for it.

    | the step | what is done |
    |---|---|
    | done | the report |
    | failed for good (bad order, bad data, another step's report) | the run ends, Stalled |
    | failed otherwise | tried again after a growing while; Stalled where a person can help, else Reconciling |
    | the API server will not take its Job | Stalled, Rejected; see `follow` |
    | waits | WaitingForPod, with the cluster's message; see `follow` |
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
        return at.conditions.progressing(WAITING_FOR_POD, with_cure(step.message))
    if at.run.attempt:
        return at.conditions.observed()
    return at.conditions.progressing(attempt.working, attempt.message)


def _failed(at: Situation, attempt: Attempt[R], step: SeenStep, failure: Failure) -> Decision[TrainingJobStatus]:
    if failure.is_permanent:
        return end(at, attempt.failed, failure.message)
    tries = at.run.attempt + 1
    wait = remaining(step.job.finished_at if step.job else None, backoff(tries), at.now)
    if wait == 0:
        at = at.but_run(attempt=tries)
        return Decision(at.conditions.observed(), create=(attempt.job(at.run),))
    set_state = at.conditions.stalled if _needs_person(failure, tries) else at.conditions.progressing
    return Decision(set_state(attempt.failed, f"{attempt.message} failed: {failure.message}"), requeue=wait)


def _needs_person(failure: Failure, tries: int) -> bool:
    return failure.code == ExitCode.NOT_PERMITTED or failure.kind is FailureKind.OUT_OF_MEMORY or tries >= PATIENCE
