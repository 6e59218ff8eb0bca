"""The Job of a candidate's proof: made, followed and retried until it reports or fails for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from noria.api.condition import REJECTED, cut
from noria.api.model import WAITING_FOR_POD
from noria.api.promotion import PROVE_FAILED, PROVING, CandidateStatus
from noria.contract import FailureKind, ProveOrder, ProveReport, replaced
from noria.decision import Reference
from noria.decisions.cure import with_cure
from noria.decisions.follow import answer, follow, references
from noria.decisions.model import wording
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import incumbent
from noria.decisions.seen import SeenJob
from noria.decisions.step import Failure, SeenStep, backoff, remaining
from noria.resources.manifest import Child
from noria.resources.prove_job import prove_job, prove_job_name

PATIENCE = 3
"""Failed tries in a row after which a proof that crashes is given up; one that the cluster prevents is not."""


@dataclass(frozen=True)
class Proof:
    """What is to be done for a proof that has not ended."""

    candidate: CandidateStatus | None = None
    create: tuple[Child, ...] = ()
    delete: tuple[Reference, ...] = ()
    requeue: float | None = None


def follow_proof(at: Situation, candidate: CandidateStatus, order: ProveOrder) -> Proof | ProveReport | Failure:
    """The proof's report, why it failed for good, or what to do for it.

    | step | result |
    |---|---|
    | done | the report |
    | failed for good (bad order, bad data, another step's report), or too often by itself | the failure |
    | failed otherwise | retried with backoff |
    | its pod cannot start, and one created today would have another image | its Job is deleted and created again |
    | otherwise | see `follow` |
    """
    step = at.observe(prove_job_name(at.model, candidate))
    outcome = answer(step, ProveReport, otherwise="the prove step reported no verdict")
    if isinstance(outcome, ProveReport):
        return outcome
    if isinstance(outcome, Failure):
        return _failed(at, candidate, order, step, outcome)
    waiting = _waiting(at, candidate, step)
    if step.job and step.waits_with_another_image(at.settings.trainer_image):
        return Proof(waiting, delete=references([step.job]))
    followed = follow(step, partial(prove_job, at.model, candidate, order, at.settings))
    return Proof(waiting, create=followed.create, delete=followed.delete, requeue=followed.requeue)


def prove_jobs(at: Situation) -> Iterator[SeenJob]:
    """The Model's Jobs that prove something."""
    return (job for job in at.seen.jobs if job.step == "prove")


def _failed(
    at: Situation, candidate: CandidateStatus, order: ProveOrder, step: SeenStep, failure: Failure
) -> Proof | Failure:
    failures = candidate.failures + 1
    is_own = failure.kind is not FailureKind.INFRASTRUCTURE
    if failure.is_permanent or (is_own and failures >= PATIENCE):
        return failure
    message = f"{wording.comparison_failed(failure.message)}; it is retried"
    candidate = replaced(candidate, reason=PROVE_FAILED, message=cut(message))
    wait = remaining(step.job.finished_at if step.job else None, backoff(failures), at.now)
    if wait:
        return Proof(candidate, requeue=wait)
    candidate = replaced(candidate, attempt=candidate.attempt + 1, failures=failures)
    return Proof(candidate, create=(prove_job(at.model, candidate, order, at.settings),))


def _waiting(at: Situation, candidate: CandidateStatus, step: SeenStep) -> CandidateStatus:
    if step.rejection:
        return replaced(candidate, reason=REJECTED, message=cut(step.rejection))
    if step.message:
        message = with_cure(step.message, holders=at.seen.holders)
        return replaced(candidate, reason=WAITING_FOR_POD, message=cut(message))
    if candidate.failures:
        return candidate
    return replaced(candidate, reason=PROVING, message=wording.proving(candidate.version, incumbent(at.status)))
