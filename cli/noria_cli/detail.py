"""One object in full: its conditions, problems, trials or versions. Used by `status`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from noria.api import Condition, Dataset, Model, TrainingJob
from noria.contract import Configuration
from noria_cli.age import moment, span
from noria_cli.output import columns
from noria_cli.row import Row
from noria_cli.score import told as score_told
from noria_trainers.wording import listed

Body = dict[str, Any]
Table = list[tuple[str, ...]]


def told(body: Body, found: Row, now: datetime) -> str:
    """The object for people."""
    kind = _PARTS[body["kind"]]
    parsed = kind[0].model_validate(body)
    head: Table = [(f"{found.kind} {found.name}", f"in namespace {found.namespace}, {span(found.age)} old")]
    head += [(name, value) for name, value in kind[1](parsed) if value]
    head += [("progress", f"{found.progress}, about {span(found.eta)} left" if found.eta else found.progress)]
    parts = [columns([each for each in head if each[1]]), _conditions(parsed.status.conditions, now)]
    parts += [f"{title}:\n{columns(rows, indent=2)}" for title, rows in kind[2](parsed) if len(rows) > 1]
    return "\n\n".join(part for part in parts if part)


def _conditions(conditions: tuple[Condition, ...], now: datetime) -> str:
    lines = []
    for each in conditions:
        since = span((now - each.last_transition_time).total_seconds())
        lines.append(f"  {each.type} is {each.status} for {since}: {each.reason}")
        lines += [f"      {each.message}"] if each.message else []
    return "\n".join(["conditions:", *lines]) if lines else ""


Facts = Iterator[tuple[str, str | None]]
Tables = Iterator[tuple[str, Table]]


def _dataset_facts(found: Dataset) -> Facts:
    yield "task", found.spec.task.value
    yield "source", found.spec.source.uri
    yield "examples", None if found.status.examples is None else f"{found.status.examples:,}"
    yield "classes", listed(found.status.classes, 10)
    yield "revision", found.status.revision


def _dataset_tables(found: Dataset) -> Tables:
    rows = [(each.severity.value, each.reason, each.message) for each in found.status.problems]
    yield "problems", [("SEVERITY", "REASON", "MESSAGE"), *rows]


def _job_facts(found: TrainingJob) -> Facts:
    status, run = found.status, found.status.run
    yield "dataset", found.spec.dataset_ref.name
    if run:
        cause = f", {run.cause}" if run.cause else ""
        yield "run", f"{run.number}{cause}, on revision {run.revision}"
    if status.best:
        yield "best", f"{status.best.summary} on the hold-out set, from run {status.best.run}"
        yield "card", f"noria card trainingjob/{found.metadata.name}" if status.best.card_uri else None
    yield "cost", status.cost


def _job_tables(found: TrainingJob) -> Tables:
    head = ("NAME", "STATE", "SCORE", "TIME", "CONFIGURATION")
    rows = [
        (
            each.name,
            f"{each.state}: {each.failure}" if each.failure else each.state.value,
            "-" if each.score is None else f"{each.score:.4g}",
            span(each.duration),
            in_words(each.configuration),
        )
        for each in found.status.trials
    ]
    yield "trials", [head, *rows]


def in_words(configuration: Configuration) -> str:
    """A configuration in a line."""
    return " ".join([configuration.family, *(f"{name}={value}" for name, value in configuration.parameters.items())])


def _model_facts(found: Model) -> Facts:
    status = found.status
    job = found.spec.source.training_job_ref
    artifact = found.spec.source.artifact
    yield "source", f"trainingjob/{job.name}" if job else artifact.uri if artifact else None
    yield "url", status.url
    yield "served", None if status.served is None else f"version {status.served}"
    yield "pinned", None if status.pinned is None else f"version {status.pinned}"
    yield "replicas", str(status.replicas)
    yield "watch", status.watch.message if status.watch else None


def _model_tables(found: Model) -> Tables:
    head = ("VERSION", "VERDICT", "REASON", "BY", "SCORE", "CREATED", "FROM")
    candidate = found.status.candidate
    rows = []
    for each in found.status.versions:
        verdict = each.verdict
        is_pending = candidate is not None and candidate.version == each.version
        waits = ("candidate", candidate.reason) if candidate and is_pending else ("-", "-")
        result, reason = (verdict.result.value, verdict.reason) if verdict else waits
        score = score_told(each.metric, each.score)
        created = moment(each.created_at)
        when = created.strftime("%Y-%m-%d %H:%M") if created else "-"
        number = f"{each.version}{' (served)' if each.version == found.status.served else ''}"
        rows.append((number, result, reason, verdict.by if verdict else "-", score, when, each.origin or "-"))
    yield "versions", [head, *rows]


_PARTS: Mapping[str, tuple[type[Any], Callable[[Any], Facts], Callable[[Any], Tables]]] = {
    "Dataset": (Dataset, _dataset_facts, _dataset_tables),
    "TrainingJob": (TrainingJob, _job_facts, _job_tables),
    "Model": (Model, _model_facts, _model_tables),
}
