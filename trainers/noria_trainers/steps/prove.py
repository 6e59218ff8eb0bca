"""The prove step: whether a candidate may replace the served version. Started by `frame`.

Both models answer raw examples through their own serving signature, as clients would ask them.
"""

from pathlib import Path

import structlog

from noria.contract import ExitCode, ProveOrder, ProveReport, replaced, why_unfit
from noria.contract.place import PROOF
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers.proof import card, kept, words
from noria_trainers.proof.compare import Comparison, Version, compare
from noria_trainers.proof.difference import MOST, differences
from noria_trainers.proof.judge import Case, Judgement
from noria_trainers.proof.kept import Proof

log = structlog.stdlib.get_logger(__name__)


def run(order: ProveOrder, store: Store, scratch: Path) -> ProveReport:
    """Compare, judge, and keep what the verdict rests on. Raises StepError where an artifact or revision is gone."""
    if problem := why_unfit(order.candidate.metric, order.candidate.task):
        raise StepError(ExitCode.BAD_ORDER, "BadMetric", problem)
    candidate, served = (Version.of(each, store, scratch) for each in (order.candidate, order.served))
    found, is_comparable = differences(order.candidate, order.served, candidate.manifest, served.manifest)
    comparison = None
    if is_comparable:
        comparison = compare(order, candidate, served, _anchor(order, candidate, store, scratch), scratch)
    case = _case(order, found, served, comparison)
    case = replaced(case, unusable=case.unusable or candidate.broken)
    judged = kept.judged(case, comparison.compared if comparison else None)
    report = _report(order, case, judged, comparison)
    proof = _proof(order, case, report, judged, comparison)
    card.write(order.destination, proof, store)
    kept.write(order.destination, proof, comparison.compared if comparison else None, store)
    log.info("proved", result=report.result, reason=report.reason, gain=report.gain, examples=report.examples)
    return report


def _anchor(order: ProveOrder, candidate: Version, store: Store, scratch: Path) -> Version | None:
    """The anchor, unless it answers something else. Raises StepError for one that cannot be loaded."""
    if order.anchor is None:
        return None
    found = Version.of(order.anchor, store, scratch)
    if found.broken:
        message = f"version {order.anchor.version}, the last that was promoted as better, cannot be compared"
        cure = "a version that a person promotes takes its place"
        raise StepError(ExitCode.BAD_DATA, "AnchorUnusable", f"{message}: {found.broken}; {cure}")
    return found if differences(order.candidate, order.anchor, candidate.manifest, found.manifest)[1] else None


def _case(order: ProveOrder, found: tuple[str, ...], served: Version, comparison: Comparison | None) -> Case:
    case = Case(
        policy=order.policy,
        confidence_percent=order.confidence_percent,
        margin_percent=order.margin_percent,
        seed=order.seed,
        task=order.candidate.task,
        metric=order.candidate.metric,
        candidate=order.candidate.version,
        served=order.served.version,
        anchor=order.anchor.version if order.anchor else None,
        classes=served.manifest.classes,
        differences=found,
    )
    if comparison is None:
        return case
    return replaced(
        case,
        baseline=tuple(map(float, comparison.baseline.ravel())),
        new_classes=comparison.new_classes,
        unusable=comparison.unusable,
        served_fails=comparison.served_fails,
    )


def _report(order: ProveOrder, case: Case, judged: Judgement, comparison: Comparison | None) -> ProveReport:
    gain, examples = judged.gain, len(comparison.compared.keys) if comparison else 0
    return ProveReport(
        result=judged.finding.result,
        reason=judged.finding.reason,
        message=words.message(case, judged, examples),
        examples=examples,
        gain=gain.value if gain else None,
        low=gain.low if gain else None,
        high=gain.high if gain else None,
        is_better=judged.finding.is_better,
        differences=case.differences,
        new_classes=tuple(each.name for each in case.new_classes[:MOST]),
        worse_classes=judged.worse_classes[:MOST],
        proof_uri=join(order.destination, PROOF),
    )


def _proof(
    order: ProveOrder, case: Case, report: ProveReport, judged: Judgement, comparison: Comparison | None
) -> Proof:
    proof = Proof(
        case=case,
        report=report,
        gain=judged.gain,
        anchor=judged.anchor,
        margin=judged.margin,
        classes=judged.classes,
        of_groups=judged.groups,
        of_origins=judged.origins,
        artifact=order.candidate.artifact.uri,
    )
    if comparison is None:
        return proof
    compared = comparison.compared
    return replaced(
        proof,
        held_out=comparison.held_out,
        seen=comparison.held_out - comparison.fair,
        examples=len(compared.keys),
        groups=None if compared.groups is None else compared.beside_served.units,
        candidate=comparison.candidate,
        served=comparison.served,
        keys=tuple(f"{key:016x}" for key in compared.keys.tolist()),
    )
