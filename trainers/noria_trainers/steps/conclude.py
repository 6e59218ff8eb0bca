"""The conclude step: the best trial, or an ensemble, becomes a version that can be served, and all results are kept.

What is served is chosen on the validation split; the hold-out set only measures how good it is. Started by `frame`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from noria.contract import (
    Artifact,
    ConcludeOrder,
    ConcludeReport,
    Ensemble,
    EnsembleMember,
    ExitCode,
    FailureKind,
    FinishedTrial,
    Metric,
    TrainReport,
    parse_report,
)
from noria.contract.place import CARD, CARD_PAGE, MODEL, folder_of, run_of
from noria_store.error import StepError
from noria_store.store import Store
from noria_store.uri import join
from noria_trainers import export
from noria_trainers.by_example import ByExample
from noria_trainers.conclusion import together, warm_up
from noria_trainers.conclusion.asking import Asking
from noria_trainers.conclusion.card import Card, Lineage, Row
from noria_trainers.conclusion.ensemble import Selection
from noria_trainers.conclusion.holdout import Comparison, HoldOut, compare, evaluate
from noria_trainers.conclusion.markdown import markdown
from noria_trainers.conclusion.outline import document
from noria_trainers.conclusion.page import page
from noria_trainers.conclusion.picture import calibrated, learned
from noria_trainers.data.revision import Revision
from noria_trainers.experience.keep import Experience
from noria_trainers.experience.lesson import lessons
from noria_trainers.modality.modality import modality_of, split_of
from noria_trainers.target.shown import Picture
from noria_trainers.target.target import target_of
from noria_trainers.training import record
from noria_trainers.wording import counted

log = structlog.stdlib.get_logger(__name__)

Reports = Mapping[str, TrainReport]
"""What the train steps reported, by trial; a failed trial has none."""


def run(order: ConcludeOrder, store: Store, scratch: Path) -> ConcludeReport:
    """Keep all results, then judge and package the best. Raises StepError where every trial failed."""
    revision = Revision.open(store, order.revision)
    reports = {trial.name: _report(trial, store) for trial in order.trials if trial.failure is None}
    experience = Experience(store, order.experience)
    added = sum(experience.record(result) for result in lessons(order, revision.manifest, reports))
    log.info("results recorded", results=added)
    experience.compact(order.task)
    served = _served(order, revision, reports, scratch, store)
    asking = Asking.of(revision, scratch)
    warm_up.write(served.model, asking)
    artifact = _upload(served.model, order.destination, store)
    learning = learned(_curves(reports, store), metric=order.metric, best=served.best)
    card = _card(order, revision, reports, served, asking=asking, learning=learning, model=artifact, scratch=scratch)
    _write(card, order.destination, store)
    low, high = card.intervals[order.metric]
    score = card.scores[order.metric]
    members = tuple(EnsembleMember(trial=each.trial, weight=round(each.weight, 4)) for each in card.members)
    log.info("concluded", trial=served.best, members=len(members), metric=order.metric, score=score, low=low, high=high)
    return ConcludeReport(
        trial=served.best,
        ensemble=members,
        score=score,
        low=low,
        high=high,
        artifact=artifact,
        card_uri=join(order.destination, CARD),
        call=asking.call(),
        message=_message(card),
    )


def _report(trial: FinishedTrial, store: Store) -> TrainReport:
    report = parse_report(store.read(trial.report).decode())
    if not isinstance(report, TrainReport):
        words = f"{trial.report} is not the report of a train step: start a new run of the TrainingJob"
        raise StepError(ExitCode.BAD_DATA, "BadReport", words)
    return report


def _best(order: ConcludeOrder, reports: Reports) -> str:
    """The trial with the best validation score; of equals the one with the lowest loss, then the one chosen first."""
    if not reports:
        counts = Counter((trial.failure or FailureKind.CRASHED).ending for trial in order.trials)
        words = ", ".join(f"{count} {ending}" for ending, count in counts.items())
        raise StepError(ExitCode.BAD_DATA, "AllTrialsFailed", f"every trial failed: {words}")
    sign = _sign(order.metric)
    return max(reports, key=lambda name: (sign * reports[name].score, -reports[name].metrics.get(Metric.LOG_LOSS, 0.0)))


@dataclass(frozen=True)
class _Served:
    """What is to be served, and how good it is."""

    best: str
    model: Path
    holdout: HoldOut
    selection: Selection | None = None
    comparison: Comparison | None = None


def _served(order: ConcludeOrder, revision: Revision, reports: Reports, scratch: Path, store: Store) -> _Served:
    """The best trial, or an ensemble where that is wanted and pays."""
    best = _best(order, reports)
    model = export.unpack(reports[best].artifact, scratch / "best", store)
    alone = evaluate(model, revision, scratch, seed=order.seed)
    selection = together.find(order, revision, reports, best, store) if order.ensemble is Ensemble.IF_BETTER else None
    if selection is None or not selection.pays:
        return _Served(best, model, alone, selection)
    by_example = ByExample.of(revision.manifest)
    model = together.build(order.task, selection, reports, scratch, store, by_example)
    holdout = evaluate(model, revision, scratch, seed=order.seed)
    comparison = compare(holdout, alone, revision.manifest, order.metric, seed=order.seed)
    return _Served(best, model, holdout, selection, comparison)


def _curves(reports: Reports, store: Store) -> dict[str, Sequence[float]]:
    """Validation score after each epoch, by trial."""
    curves = {name: record.curve(folder_of(report.artifact.uri), store) for name, report in reports.items()}
    return {name: curve for name, curve in curves.items() if curve}


def _card(
    order: ConcludeOrder,
    revision: Revision,
    reports: Reports,
    served: _Served,
    *,
    asking: Asking,
    learning: Picture,
    model: Artifact,
    scratch: Path,
) -> Card:
    task, holdout = revision.manifest.task, served.holdout
    shown = target_of(task).shown(holdout.labels, holdout.predictions, revision.manifest.classes)
    places = [each.place for each in shown.misses.rows] if shown.misses else []
    names = modality_of(task).example_names.of(split_of(revision, "holdout", scratch), places)
    return Card(
        manifest=revision.manifest,
        warnings=revision.warnings(),
        metric=order.metric,
        best=served.best,
        trials=tuple(_rows(order, reports)),
        scores=holdout.scores,
        intervals=holdout.intervals,
        baseline=holdout.baseline,
        parameters={name: report.parameters for name, report in reports.items()},
        selection=served.selection,
        comparison=served.comparison,
        shown=shown,
        examples=dict(zip(places, names, strict=True)),
        calibrated=calibrated(shown.calibration) if shown.calibration else None,
        learned=learning,
        asking=asking,
        lineage=Lineage(run_of(order.destination), model.digest, order.seed, version("noria")),
    )


def _rows(order: ConcludeOrder, reports: Reports) -> Iterator[Row]:
    for trial in order.trials:
        report = reports.get(trial.name)
        yield Row(
            name=trial.name,
            configuration=trial.configuration,
            score=report.score if report else None,
            seconds=report.seconds if report else None,
            failure=trial.failure,
            why=trial.why or "",
        )


def _write(card: Card, destination: str, store: Store) -> None:
    """The card in both forms, and the pictures beside it."""
    for picture in card.pictures:
        store.write(join(destination, picture.file), picture.png)
    written = document(card)
    store.write(join(destination, CARD), markdown(written).encode())
    store.write(join(destination, CARD_PAGE), page(written).encode())


def _upload(model: Path, destination: str, store: Store) -> Artifact:
    packed = model.with_name(MODEL)
    digest = export.pack(model, packed)
    uri = join(destination, MODEL)
    store.upload(packed, uri)
    return Artifact(uri=uri, digest=digest)


def _message(card: Card) -> str:
    failed = sum(row.score is None for row in card.trials)
    best = f"best of {counted(len(card.trials), 'trial')}" + (f" ({failed} failed)" if failed else "")
    message = f"{best} on the validation set"
    if card.selection and card.comparison:
        message = (
            f"better than {card.best}, the {best}, by {card.selection.gain:.4f} on the validation set; "
            f"{card.best} alone scores {card.comparison.alone:.4f} on the hold-out set"
        )
    if not card.beats_baseline:
        baseline = card.baseline[card.metric]
        message += f"; not significantly better than the baseline's {card.metric} {baseline:.4f}"
    worse = [
        f"{metric} {card.scores[metric]:.4f}, the baseline {baseline:.4f}"
        for metric, baseline in card.baseline.items()
        if metric is not card.metric and _sign(metric) * card.scores[metric] < _sign(metric) * baseline
    ]
    return message + (f"; worse than the baseline in {'; '.join(worse)}" if worse else "")


def _sign(metric: Metric) -> int:
    return 1 if metric.higher_is_better else -1
