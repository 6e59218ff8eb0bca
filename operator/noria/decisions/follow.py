"""What a step's Job needs, and what has come of it: the same for every step of a Dataset and of a TrainingJob."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from noria.contract import FailureKind, Report
from noria.decision import Reference
from noria.decisions.seen import SeenJob
from noria.decisions.step import Failure, SeenStep, StepState, backoff
from noria.resources.manifest import Child

REJECTED_SECONDS = 300.0
"""Retry interval for a rejected child: what forbids it may be a policy, not us."""

R = TypeVar("R", bound=Report)


@dataclass(frozen=True, slots=True)
class Followed:
    """What to do for a step's Job."""

    create: tuple[Child, ...] = ()
    delete: tuple[Reference, ...] = ()
    requeue: float | None = None


def follow(step: SeenStep, job: Callable[[], Child]) -> Followed:
    """Do for the step's Job what it needs; `job` builds it.

    | the step | what is done |
    |---|---|
    | absent, and the API server will not take its Job | its Job is made, and after five minutes again |
    | absent, and somebody refused it | its Job is made, and half a minute later again |
    | absent | its Job is made |
    | its report is lost, or it waits where it is not wanted any more | its Job goes, and is made again |
    | otherwise | nothing |
    """
    match step.state:
        case StepState.ABSENT if step.rejection:
            return Followed(create=(job(),), requeue=REJECTED_SECONDS)
        case StepState.ABSENT:
            return Followed(create=(job(),), requeue=backoff(1) if step.message else None)
        case StepState.LOST | StepState.MISPLACED if step.job:
            return Followed(delete=references([step.job]))
    return Followed(requeue=step.recheck)


def answer(step: SeenStep, kind: type[R], *, otherwise: str) -> R | Failure | None:
    """The step's report of this kind, or why it failed; nothing while it has not ended.

    A report of another kind is a failure, and `otherwise` its message.
    """
    if step.state is StepState.DONE:
        if isinstance(step.report, kind):
            return step.report
        return Failure(FailureKind.CRASHED, f"{otherwise}: is its image of this version of Noria?", is_foreign=True)
    return step.failure if step.state is StepState.FAILED else None


def references(jobs: Iterable[SeenJob]) -> tuple[Reference, ...]:
    """The Jobs to delete, of these; those already on their way are left alone."""
    return tuple(Reference("Job", job.name, job.uid) for job in jobs if not job.deleting)
