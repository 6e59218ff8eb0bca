"""What becomes of a candidate: by the policy, by its proof, or by a person."""

from dataclasses import dataclass, field, replace

from noria.api.promotion import (
    APPROVAL_WANTED,
    POLICY_ALWAYS,
    PROVE_FAILED,
    PROVING,
    CandidateProofStatus,
    CandidateStatus,
)
from noria.contract import Policy, ProveOrder, ProveReport, Verdict, replaced
from noria.decision import Reference
from noria.decisions.follow import references
from noria.decisions.model import wording
from noria.decisions.model.proof import Proof, follow_proof, prove_jobs
from noria.decisions.model.situation import Situation
from noria.decisions.model.standing import anchor, incumbent
from noria.decisions.model.verdict import leave_open, promote, reject
from noria.decisions.seen import JobState
from noria.decisions.step import Failure
from noria.resources.prove_job import prove_job_name, prove_order, proven_version, rule_of


@dataclass(frozen=True)
class Judged:
    """What was decided about the candidate, and what its proof needs."""

    at: Situation
    proof: Proof = field(default_factory=Proof)


def judge(at: Situation) -> Judged:
    """Promote the candidate, reject it, or wait for what decides about it.

    | state | action |
    |---|---|
    | no candidate | nothing |
    | policy Always | promoted |
    | it is not known what it or the served version was trained on | ApprovalWanted |
    | what it is compared with, or the rule, has changed | the proof starts again |
    | the proof is done, and a person has to decide | nothing |
    | the proof is under way, or is retried | see `follow_proof` |
    | the proof failed for good, policy Approve | ApprovalWanted, with why |
    | the proof failed for good | Inconclusive, ProveFailed |
    | it found differences that make the two incomparable, or policy Approve | ApprovalWanted, with the figures |
    | otherwise | Promoted, Rejected or Inconclusive, as the proof says |

    Jobs of other proofs are deleted; the last one's Job stays until the next candidate.
    """
    judged = _judge(at)
    needless = _needless(judged.at)
    return replace(judged, proof=replace(judged.proof, delete=(*judged.proof.delete, *needless)))


def _judge(at: Situation) -> Judged:
    candidate = at.status.candidate
    if candidate is None:
        return Judged(at)
    number = candidate.version
    if at.model.spec.promotion.policy is Policy.ALWAYS:
        return Judged(promote(at, number, reason=POLICY_ALWAYS, message=wording.promoted(number, "policy Always")))
    order = _order(at, candidate)
    if order is None:
        return Judged(_unprovable(at, candidate))
    candidate = _of_rule(candidate, rule_of(at.model, order))
    if candidate.proof:
        return Judged(at)
    outcome = follow_proof(at, candidate, order)
    if isinstance(outcome, Proof):
        return Judged(at.but(candidate=outcome.candidate or candidate), outcome)
    at = at.but(candidate=candidate)
    if isinstance(outcome, Failure):
        return Judged(_unproven(at, candidate, outcome))
    return Judged(_proven(at, candidate, outcome))


def _order(at: Situation, candidate: CandidateStatus) -> ProveOrder | None:
    """What is to be compared; none if it is not known what one of the two was trained on."""
    version, served, held_to = at.version(candidate.version), incumbent(at.status), anchor(at.status)
    if version is None or served is None:
        return None
    newer, older = (proven_version(at.model, each, at.settings) for each in (version, served))
    if newer is None or older is None:
        return None
    is_another = held_to is not None and held_to.version != served.version
    return prove_order(
        at.model,
        candidate=newer,
        served=older,
        anchor=proven_version(at.model, held_to, at.settings) if held_to and is_another else None,
        settings=at.settings,
    )


def _of_rule(candidate: CandidateStatus, rule: str) -> CandidateStatus:
    """The candidate with the proof by this rule: the one under way, or the next."""
    if candidate.rule == rule:
        return candidate
    attempt = candidate.attempt if candidate.rule is None else candidate.attempt + 1
    return replaced(candidate, rule=rule, attempt=attempt, failures=0, proof=None, reason=PROVING)


def _unprovable(at: Situation, candidate: CandidateStatus) -> Situation:
    why = wording.unprovable(candidate.version, incumbent(at.status))
    return _left_to_person(at, replaced(candidate, proof=None), why)


def _unproven(at: Situation, candidate: CandidateStatus, failure: Failure) -> Situation:
    if at.model.spec.promotion.policy is Policy.APPROVE:
        done = replaced(candidate, proof=CandidateProofStatus())
        return _left_to_person(at, done, wording.comparison_failed(failure.message))
    message = wording.not_promoted(at.model, candidate.version, wording.comparison_failed(failure.message))
    return leave_open(at, candidate.version, reason=PROVE_FAILED, message=message)


def _proven(at: Situation, candidate: CandidateStatus, report: ProveReport) -> Situation:
    number, proof = candidate.version, _proof(report)
    if report.differences or at.model.spec.promotion.policy is Policy.APPROVE:
        unnamed = (each for each in report.differences if each not in report.message)
        figures = "; ".join((*unnamed, report.message))
        return _left_to_person(at, replaced(candidate, proof=proof), figures)
    if report.result is Verdict.PROMOTED:
        message = wording.promoted(number, report.message)
        return promote(at, number, reason=report.reason, message=message, proof=proof, is_anchor=proof.is_better)
    message = wording.not_promoted(at.model, number, report.message)
    if report.result is Verdict.REJECTED:
        return reject(at, number, reason=report.reason, message=message, proof=proof)
    return leave_open(at, number, reason=report.reason, message=message, proof=proof)


def _left_to_person(at: Situation, candidate: CandidateStatus, why: str) -> Situation:
    message = wording.approval_wanted(at.model, candidate.version, why)
    return at.but(candidate=replaced(candidate, reason=APPROVAL_WANTED, message=message))


def _proof(report: ProveReport) -> CandidateProofStatus:
    bounds = None if report.low is None or report.high is None else (report.low, report.high)
    return CandidateProofStatus(
        gain=None if report.gain is None else wording.decimal(report.gain),
        interval=(wording.decimal(bounds[0]), wording.decimal(bounds[1])) if bounds else None,
        report_uri=report.proof_uri,
        is_better=report.is_better,
    )


def _needless(at: Situation) -> tuple[Reference, ...]:
    """Jobs of proofs that nobody waits for."""
    candidate = at.status.candidate
    wanted = prove_job_name(at.model, candidate) if candidate else ""
    is_pending = candidate is not None
    jobs = (job for job in prove_jobs(at) if job.name != wanted and (is_pending or job.state is JobState.ACTIVE))
    return references(jobs)
