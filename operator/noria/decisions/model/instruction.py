"""What people decide by annotations on a Model: promote, reject or serve a version. Each value is obeyed once."""

import hashlib
import re
from collections.abc import Callable, Mapping

from noria.api.condition import cut
from noria.api.model import VersionStatus
from noria.api.promotion import BY_PERSON, DECIDED_BY, PROMOTE, REJECT, SERVE, CandidateProofStatus, InstructionStatus
from noria.contract import Verdict, visible
from noria.decisions.model.situation import Situation
from noria.decisions.model.verdict import promote, reject, why_not_rejected
from noria.decisions.time import to_text

SOMEBODY = "somebody"
"""Who decided, where no annotation says who."""
_VALUE = re.compile(r"([0-9]{1,9})(@.*)?")
_VALUE_LENGTH, _USER_LENGTH = 64, 256


def obey(at: Situation) -> Situation:
    """Do what the annotations ask for that has not been done yet, and record it.

    | annotation | state | action |
    |---|---|---|
    | any | its value was obeyed or refused before | nothing |
    | any | no number of a version that is known | refused |
    | promote | otherwise | the version is promoted; an older one is pinned no longer |
    | reject | it is the only version that can be served | refused |
    | reject | otherwise | the version is rejected, and not pinned |
    | serve | the version is rejected, or the candidate | refused |
    | serve | otherwise | the version is pinned |
    | serve | it has been removed | no version is pinned |
    """
    annotations = at.model.metadata.annotations
    if SERVE not in annotations and at.status.pinned is not None:
        at = at.but(pinned=None)
    for annotation, carry_out in _ACTIONS.items():
        at = _obey_one(at, annotation, carry_out)
    kept = (each for each in at.status.instructions if each.annotation in annotations)
    return at.but(instructions=tuple(kept))


Outcome = tuple[Situation, str]
"""The situation, and why the instruction was refused, if so."""
Action = Callable[[Situation, VersionStatus, str], Outcome]
"""Carries out an instruction about a version for a user."""


def _obey_one(at: Situation, annotation: str, carry_out: Action) -> Situation:
    given = at.model.metadata.annotations.get(annotation)
    if given is None:
        return at
    value = _kept(given)
    others = [each for each in at.status.instructions if each.annotation != annotation]
    if any(each.annotation == annotation and each.value == value for each in at.status.instructions):
        return at
    by = visible(at.model.metadata.annotations.get(DECIDED_BY, ""))[:_USER_LENGTH] or SOMEBODY
    at, refused = _carried_out(at, given, by, carry_out)
    done = InstructionStatus(
        annotation=annotation, value=value, by=by, at=to_text(at.now), refused=cut(refused) if refused else None
    )
    return at.but(instructions=tuple(sorted((*others, done), key=lambda each: each.annotation)))


def _kept(given: str) -> str:
    """The annotation's value as the status keeps it: a long one with its hash, so that another one is known as such."""
    value = visible(given)
    if len(value) <= _VALUE_LENGTH:
        return value
    mark = f"…{hashlib.sha256(value.encode()).hexdigest()[:16]}"
    return value[: _VALUE_LENGTH - len(mark)] + mark


def _carried_out(at: Situation, given: str, by: str, carry_out: Action) -> Outcome:
    named = _VALUE.fullmatch(given)
    if named is None:
        return at, f"write the number of a version, e.g. {_example(at)}"
    version = at.version(int(named[1]))
    if version is None:
        known = ", ".join(str(each.version) for each in at.status.versions)
        return at, f"there is no version {named[1]}; known are {known}" if known else "there are no versions yet"
    return carry_out(at, version, by)


def _promote(at: Situation, version: VersionStatus, by: str) -> Outcome:
    number, candidate = version.version, at.status.candidate
    proof = candidate.proof if candidate and candidate.version == number else _proof_of(version)
    at = promote(at, number, reason=BY_PERSON, message=f"version {number} was promoted by {by}", by=by, proof=proof)
    pinned = at.status.pinned
    return (at.but(pinned=None) if pinned is not None and number > pinned else at), ""


def _reject(at: Situation, version: VersionStatus, by: str) -> Outcome:
    number, candidate = version.version, at.status.candidate
    refused = why_not_rejected(at.status, number)
    if refused:
        return at, refused
    proof = candidate.proof if candidate and candidate.version == number else _proof_of(version)
    message = f"version {number} was rejected by {by}"
    return reject(at, number, reason=BY_PERSON, message=message, by=by, proof=proof), ""


def _serve(at: Situation, version: VersionStatus, _: str) -> Outcome:
    number, candidate = version.version, at.status.candidate
    if candidate and candidate.version == number:
        return at, f"version {number} is a candidate: promote it instead"
    if version.verdict and version.verdict.result is Verdict.REJECTED:
        return at, f"version {number} is rejected: promote it instead"
    return at.but(pinned=number), ""


def _proof_of(version: VersionStatus) -> CandidateProofStatus | None:
    """The comparison that an earlier verdict was based on."""
    verdict = version.verdict
    if verdict is None:
        return None
    return CandidateProofStatus(gain=verdict.gain, interval=verdict.interval, report_uri=verdict.report_uri)


def _example(at: Situation) -> int:
    return at.status.versions[-1].version if at.status.versions else 1


_ACTIONS: Mapping[str, Action] = {PROMOTE: _promote, REJECT: _reject, SERVE: _serve}
"""In the order in which they are carried out if several are new: of promote and reject for one version, reject wins."""
