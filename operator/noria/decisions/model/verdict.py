"""Verdicts on versions: written in one place, whoever decides, and the events that tell of them."""

from collections.abc import Iterator
from datetime import timedelta

from noria.api.condition import REJECTED, cut
from noria.api.model import WAITING_FOR_POD, ModelStatus
from noria.api.promotion import (
    APPROVAL_WANTED,
    DECISION_REFUSED,
    PROVE_FAILED,
    ROLLED_BACK,
    SUPERSEDED,
    CandidateProofStatus,
    CandidateStatus,
    VerdictStatus,
)
from noria.contract import Verdict
from noria.decision import Event, EventType
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import promoted
from noria.decisions.time import from_text, to_text

POLICY = "policy"
"""Who decided, where no person did."""

_WARNED = (APPROVAL_WANTED, PROVE_FAILED, WAITING_FOR_POD, REJECTED)
"""What a candidate may wait for that a person should hear of."""


def promote(
    at: Situation,
    number: int,
    *,
    reason: str,
    message: str,
    by: str = POLICY,
    proof: CandidateProofStatus | None = None,
    is_anchor: bool = True,
) -> Situation:
    """The version is promoted: it is the next to be served, unless a person has pinned another."""
    at = _judged(at, number, Verdict.PROMOTED, reason=reason, message=message, by=by, proof=proof)
    return at.but_version(number, promoted_at=_promotion_time(at), is_anchor=is_anchor)


def reject(
    at: Situation,
    number: int,
    *,
    reason: str,
    message: str,
    by: str = POLICY,
    proof: CandidateProofStatus | None = None,
) -> Situation:
    """The version is rejected: it is not served, and what was promoted before it is. See `why_not_rejected`."""
    at = _judged(at, number, Verdict.REJECTED, reason=reason, message=message, by=by, proof=proof)
    return at.but(pinned=None) if at.status.pinned == number else at


def leave_open(
    at: Situation, number: int, *, reason: str, message: str, proof: CandidateProofStatus | None = None
) -> Situation:
    """Nothing decides about the candidate, so what serves stays."""
    return _judged(at, number, Verdict.INCONCLUSIVE, reason=reason, message=message, by=POLICY, proof=proof)


def why_not_rejected(status: ModelStatus, number: int) -> str:
    """Why the version must not be rejected, if so: another one must be there to be served."""
    if any(version.version != number for version in promoted(status)):
        return ""
    return f"version {number} is the only one that can be served: promote another one first"


def verdict_events(before: ModelStatus, after: ModelStatus) -> tuple[Event, ...]:
    """One event for each verdict, for a candidate that a person should hear of, and for each refused annotation."""
    return (*_of_verdicts(before, after), *_of_candidate(before, after), *_of_instructions(before, after))


def new_verdicts(before: ModelStatus, after: ModelStatus) -> Iterator[tuple[int, VerdictStatus]]:
    """Each version with a verdict that it did not have before."""
    known = {version.version: version.verdict for version in before.versions}
    for version in after.versions:
        if version.verdict and version.verdict != known.get(version.version):
            yield version.version, version.verdict


def newly_waiting(before: ModelStatus, after: ModelStatus) -> CandidateStatus | None:
    """The candidate, if it is another one or waits for something else than before."""
    was, is_ = before.candidate, after.candidate
    is_same = was and is_ and (was.version, was.reason) == (is_.version, is_.reason)
    return None if is_same else is_


def _of_verdicts(before: ModelStatus, after: ModelStatus) -> Iterator[Event]:
    for _, verdict in new_verdicts(before, after):
        is_calm = verdict.result is Verdict.PROMOTED or verdict.reason == SUPERSEDED
        name = verdict.reason if verdict.reason in (SUPERSEDED, ROLLED_BACK) else str(verdict.result)
        yield Event(EventType.NORMAL if is_calm else EventType.WARNING, name, verdict.message)


def _of_candidate(before: ModelStatus, after: ModelStatus) -> Iterator[Event]:
    candidate = newly_waiting(before, after)
    if candidate and candidate.reason in _WARNED:
        yield Event(EventType.WARNING, candidate.reason, candidate.message)


def _of_instructions(before: ModelStatus, after: ModelStatus) -> Iterator[Event]:
    for instruction in after.instructions:
        if instruction.refused and instruction not in before.instructions:
            message = f"{instruction.annotation}={instruction.value}: {instruction.refused}"
            yield Event(EventType.WARNING, DECISION_REFUSED, message)


def _judged(
    at: Situation,
    number: int,
    result: Verdict,
    *,
    reason: str,
    message: str,
    by: str,
    proof: CandidateProofStatus | None,
) -> Situation:
    verdict = VerdictStatus(
        gain=proof.gain if proof else None,
        interval=proof.interval if proof else None,
        report_uri=proof.report_uri if proof else None,
        result=result,
        reason=reason,
        message=cut(message),
        at=to_text(at.now),
        by=by,
    )
    candidate = at.status.candidate
    is_candidate = candidate is not None and candidate.version == number
    return at.but_version(number, verdict=verdict).but(candidate=None if is_candidate else candidate)


def _promotion_time(at: Situation) -> str:
    """The time, but after that of every earlier promotion: clocks of replicas differ, and the last one is served."""
    times = [from_text(version.promoted_at) for version in at.status.versions if version.promoted_at]
    latest = max(times, default=None)
    return to_text(max(at.now, latest + timedelta(seconds=1)) if latest else at.now)
