"""Objects of ours in a line each: whether they are ready, how far, and how long it still takes. Used by `status`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from noria.api import Dataset, Model, Resource, TrainingJob
from noria.api.condition import READY, STALLED, SUSPENDED, Condition, find_condition, is_true
from noria.api.duration import seconds
from noria.api.model import ROLLING_OUT
from noria.api.promotion import APPROVAL_WANTED, WatchState
from noria.api.training_job import TrialState, TrialStatus
from noria_cli.age import moment, span
from noria_trainers.wording import counted

UNSEEN = "NotSeen"
"""In place of a reason, while the operator has not looked at the object or at its present spec."""
HEAD = ("KIND", "NAME", "READY", "REASON", "PROGRESS", "ETA", "RESULT", "AGE")
UNDER_WAY = (WatchState.STARTING, WatchState.WATCHING)


@dataclass(frozen=True)
class Row:
    """What is shown of an object."""

    kind: str
    namespace: str
    name: str
    ready: str
    """True, False or Unknown."""
    reason: str
    message: str
    progress: str
    eta: float | None
    """Seconds until the work in progress ends, as far as can be said."""
    result: str
    age: float | None
    """Seconds."""
    is_settled: bool
    """Whether nothing more happens by itself."""

    @property
    def key(self) -> str:
        """`trainingjob/clothes`."""
        return f"{self.kind.lower()}/{self.name}"

    @property
    def cells(self) -> tuple[str, ...]:
        """What a table shows, as `HEAD` has it."""
        told = (self.kind, self.name, self.ready, self.reason, self.progress, span(self.eta), self.result)
        return (*(each or "-" for each in told), span(self.age))

    def to_dict(self) -> dict[str, Any]:
        """What programs get."""
        return asdict(self)


def row(found: Resource, now: datetime) -> Row:
    """The line of an object."""
    ready, is_seen = state(found)
    progress, eta = _PROGRESS[type(found)](found, now)
    created = found.metadata.creation_timestamp
    return Row(
        kind=found.kind,
        namespace=found.metadata.namespace,
        name=found.metadata.name,
        ready=ready.status if ready and is_seen else "Unknown",
        reason=ready.reason if ready and is_seen else UNSEEN,
        message=ready.message if ready and is_seen else "the operator has not looked at it yet",
        progress=progress,
        eta=eta,
        result=_RESULTS[type(found)](found),
        age=(now - created).total_seconds() if created else None,
        is_settled=is_seen and _is_settled(found, ready),
    )


def state(found: Any) -> tuple[Condition | None, bool]:
    """The condition Ready, and whether the status is about the present spec."""
    ready = find_condition(found.status.conditions, READY)
    return ready, ready is not None and found.status.observed_generation == found.metadata.generation


def _is_settled(found: Any, ready: Condition | None) -> bool:
    """Whether the object is ready or needs a person, and no version is being compared, rolled out or watched."""
    conditions = found.status.conditions
    if isinstance(found, Model):
        waits = found.status.candidate
        watch = found.status.watch
        is_compared = waits is not None and waits.reason != APPROVAL_WANTED
        is_watched = watch is not None and watch.state in UNDER_WAY
        if is_compared or is_watched or (ready and ready.reason == ROLLING_OUT):
            return is_true(conditions, STALLED)
    is_ready = ready is not None and ready.status == "True"
    return is_ready or is_true(conditions, STALLED) or is_true(conditions, SUSPENDED)


def _of_dataset(_: Dataset, __: datetime) -> tuple[str, float | None]:
    return "", None


def _of_training_job(job: TrainingJob, now: datetime) -> tuple[str, float | None]:
    trials, run = job.status.trials, job.status.run
    if not trials or run is None or run.finished_at:
        return "", None
    done = sum(trial.state in (TrialState.SUCCEEDED, TrialState.FAILED) for trial in trials)
    return f"{done}/{len(trials)} trials", seconds_left(trials, job.spec.parallelism)


def seconds_left(trials: Sequence[TrialStatus], parallelism: int) -> float | None:
    """About how long the trials still take: as long as the finished ones did, of running ones half of that.

    Three finished in 60 s each, one running, one waiting, two at a time: 45 s.
    """
    taken = [trial.duration for trial in trials if trial.duration is not None]
    running = sum(trial.state is TrialState.RUNNING for trial in trials)
    pending = sum(trial.state is TrialState.PENDING for trial in trials)
    if not running + pending:
        return 0.0
    if not taken:
        return None
    work = (pending + running / 2) * sum(taken) / len(taken)
    return work / min(parallelism, running + pending)


def _of_model(model: Model, now: datetime) -> tuple[str, float | None]:
    candidate, watch = model.status.candidate, model.status.watch
    if candidate:
        return f"version {candidate.version}: {candidate.reason}", None
    if watch and watch.state in UNDER_WAY:
        since = moment(watch.since)
        whole = seconds(model.spec.promotion.watch.duration)
        left = max(0.0, whole - (now - since).total_seconds()) if since else None
        return f"version {watch.version}: {watch.state}", left
    return "", None


def _dataset_result(found: Dataset) -> str:
    status = found.status
    if status.examples is None:
        return ""
    classes = f" of {counted(status.class_count, 'class')}" if status.class_count else ""
    return f"{counted(status.examples, 'example')}{classes}"


def _training_job_result(found: TrainingJob) -> str:
    best = found.status.best
    return (best.summary or f"{best.score:.4g}") if best else ""


def _model_result(found: Model) -> str:
    if found.status.served is None:
        return ""
    return f"version {found.status.served} on {counted(found.status.replicas, 'replica')}"


_PROGRESS: Mapping[type, Callable[[Any, datetime], tuple[str, float | None]]] = {
    Dataset: _of_dataset,
    TrainingJob: _of_training_job,
    Model: _of_model,
}
_RESULTS: Mapping[type, Callable[[Any], str]] = {
    Dataset: _dataset_result,
    TrainingJob: _training_job_result,
    Model: _model_result,
}
