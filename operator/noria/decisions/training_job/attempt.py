"""The steps that a run cannot do without, choose and conclude: tried until they answer or refuse for good."""

from collections.abc import Callable
from dataclasses import dataclass

from noria.api.condition import REJECTED
from noria.api.training_job import WAITING_FOR_POD, RunStatus
from noria.contract import ExitCode, Report
from noria.decisions import state
from noria.decisions.cure import with_cure
from noria.decisions.decision import REJECTED_SECONDS, Decision
from noria.decisions.step import OUT_OF_MEMORY, Failure, Step, StepState, backoff, remaining
from noria.decisions.training_job.finish import end
from noria.decisions.training_job.situation import Situation, references
from noria.resources.manifest import Child

PATIENCE = 3
"""Failed tries in a row after which a person is asked for; trying goes on."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One step as a run needs it."""

    name: str
    """Of the Job of the present try."""
    make: Callable[[RunStatus], Child]
    """The Job of the try that the run counts."""
    working: str
    """Reason while it works."""
    failed: str
    """Reason when it fails."""
    message: str
    """What it does, in words."""


def follow(at: Situation, run: RunStatus, attempt: Attempt) -> Decision | Report:
    """The step's report once there is one, else what to do for it.

    | the step | what is done |
    |---|---|
    | absent, and the API server will not take its Job | Stalled, Rejected |
    | absent | its Job is made; the words of who refused it are told |
    | its report is lost, or it waits where it is not wanted any more | its Job goes and is made again |
    | done | the report |
    | waits | WaitingForPod, in the cluster's words |
    | failed for good (bad order, bad data) | the run ends, Stalled |
    | failed otherwise | tried again after a growing while; Stalled where a person can help, else Reconciling |
    """
    step = at.observe(attempt.name)
    match step.state:
        case StepState.DONE if step.report:
            return step.report
        case StepState.FAILED if step.failure:
            return _failed(at, run, attempt, step, step.failure)
        case StepState.ABSENT if attempt.name in at.seen.rejections:
            status = at.stalled(REJECTED, at.seen.rejections[attempt.name])
            return Decision(status, create=(attempt.make(run),), requeue=REJECTED_SECONDS)
        case StepState.ABSENT:
            requeue = backoff(1) if step.words else None
            return _waiting(at, run, attempt, step).but(create=(attempt.make(run),), requeue=requeue)
        case StepState.LOST | StepState.MISPLACED if step.job:
            return _waiting(at, run, attempt, step).but(delete=references([step.job]))
    return _waiting(at, run, attempt, step).until(step.recheck)


def _waiting(at: Situation, run: RunStatus, attempt: Attempt, step: Step) -> Decision:
    if step.words:
        return Decision(at.progressing(WAITING_FOR_POD, with_cure(step.words)))
    if run.attempt:
        return Decision(state.observed(at.status, at.job))
    return Decision(at.progressing(attempt.working, attempt.message))


def _failed(at: Situation, run: RunStatus, attempt: Attempt, step: Step, failure: Failure) -> Decision:
    if failure.is_permanent:
        return end(at, run, attempt.failed, failure.message)
    tries = run.attempt + 1
    wait = remaining(step.job.finished_at if step.job else None, backoff(tries), at.now)
    if wait == 0:
        run = run.model_copy(update={"attempt": tries})
        return Decision(state.observed(at.but(run=run).status, at.job), create=(attempt.make(run),))
    say = at.stalled if _needs_person(failure, tries) else at.progressing
    return Decision(say(attempt.failed, f"{attempt.message} failed: {failure.message}"), requeue=wait)


def _needs_person(failure: Failure, tries: int) -> bool:
    return failure.code == ExitCode.NOT_PERMITTED or failure.kind == OUT_OF_MEMORY or tries >= PATIENCE
