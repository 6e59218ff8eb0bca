"""What a step's Job needs, and how it ended: the same for every step of a Dataset and of a TrainingJob."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from noria.contract import FailureKind, Report
from noria.decision import Reference
from noria.decisions.seen import SeenJob
from noria.decisions.step import Failure, SeenStep, StepState, backoff
from noria.resources.manifest import Child

REJECTED_SECONDS = 300.0
"""Retry interval for a rejected child: a policy may forbid it, which can change without the spec."""

R = TypeVar("R", bound=Report)


@dataclass(frozen=True, slots=True)
class Followed:
    """What to do for a step's Job."""

    create: tuple[Child, ...] = ()
    delete: tuple[Reference, ...] = ()
    requeue: float | None = None


def follow(step: SeenStep, job: Callable[[], Child]) -> Followed:
    """What to do for the step's Job; `job` builds it.

    | step | action |
    |---|---|
    | absent, and the API server rejects its Job | its Job is created, and again after five minutes |
    | absent, and refused for the moment | its Job is created, and again after half a minute |
    | absent | its Job is created |
    | its report is lost, or its pods belong elsewhere by now | its Job is deleted, and created again |
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
        message = f"{otherwise}: check that its image is of this version of Noria"
        return Failure(FailureKind.CRASHED, message, is_foreign=True)
    return step.failure if step.state is StepState.FAILED else None


def references(jobs: Iterable[SeenJob]) -> tuple[Reference, ...]:
    """References to these Jobs, to delete them; Jobs that are already being deleted are left out."""
    return tuple(Reference("Job", job.name, job.uid) for job in jobs if not job.deleting)
