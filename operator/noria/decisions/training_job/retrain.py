"""Whether a newer revision of the Dataset starts a run, and what it waits for. Used by `cause` and `freshness`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from noria.api.condition import READY, is_true
from noria.api.dataset import Dataset
from noria.api.duration import seconds
from noria.api.kind import REQUESTED_AT
from noria.api.retrain import RetrainSpec, ScheduleSpec
from noria.api.run import Cause
from noria.api.training_job import (
    BAD_SCHEDULE,
    COOLING_DOWN,
    DATASET_NOT_READY,
    MAX_PER_DAY_REACHED,
    NEWER_REVISION,
    ROLLED_BACK,
    RUN_IN_PROGRESS,
    SUSPENDED_BY_USER,
    TOO_FEW_EXAMPLES,
    WAITING_FOR_SCHEDULE,
)
from noria.decisions.schedule import next_time
from noria.decisions.time import from_text, is_of_wrong_clock, to_text
from noria.decisions.training_job.situation import Situation

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Start:
    """A run starts."""

    cause: Cause
    message: str


@dataclass(frozen=True)
class Wait:
    """No run starts yet, although there is a newer revision."""

    reason: str
    message: str
    until: datetime | None = None
    """When to look again, if time alone decides."""


@dataclass(frozen=True)
class _Trigger:
    """What starts a run, and from when on."""

    at: datetime
    cause: Cause
    message: str


def retraining(at: Situation) -> Start | Wait | None:
    """What spec.retrain makes of the Dataset's newer revision; none if there is no newer one.

    | state | result |
    |---|---|
    | no spec.retrain | waits for a request |
    | the current run has not ended | waits for that |
    | spec.suspend | waits |
    | a Model rolled back, and the revision is not newer than that | waits for a newer one or a request |
    | the Dataset is not ready | waits |
    | neither onNewRevision, enough examples nor a schedule that can be read | waits for the next revision |
    | the schedule's time has not come | waits for it |
    | cooldown after the last run | waits for its end |
    | maxPerDay runs within 24 hours | waits until the oldest of them is a day old |
    | otherwise | a run starts |
    """
    dataset, retrain = newer(at), at.job.spec.retrain
    if dataset is None:
        return None
    news = _news(at, dataset)
    if retrain is None:
        return Wait(NEWER_REVISION, f"{news}; to train on it: {request_command(at)}")
    if at.run.finished_at is None:
        return Wait(RUN_IN_PROGRESS, f"{news}; run {at.run.number} ends first")
    if at.job.spec.suspend:
        return Wait(SUSPENDED_BY_USER, f"{news}; spec.suspend is true: set it to false to train on it")
    if rolled_back := why_rolled_back(at):
        return Wait(ROLLED_BACK, f"{news}; {rolled_back}")
    if not is_ready(dataset):
        return Wait(DATASET_NOT_READY, f"{news}, but the Dataset is not ready: its conditions say why")
    trigger = _trigger(at, dataset, retrain)
    if isinstance(trigger, Wait):
        return Wait(trigger.reason, f"{news}; {trigger.message}")
    return _limited(at, retrain, trigger, news)


def newer(at: Situation) -> Dataset | None:
    """The Dataset, if its revision is newer than that of the last run.

    A cache that lags behind may have an older one, which its time shows; but not where a clock was ahead.
    """
    dataset, run = at.seen.dataset, at.status.run
    if dataset is None or run is None or dataset.status.revision in (None, run.revision):
        return None
    found, known = dataset.status.revised_at, run.revised_at
    if not found or not known or is_of_wrong_clock(from_text(known), at.now):
        return dataset
    return None if from_text(found) < from_text(known) else dataset


def is_ready(dataset: Dataset) -> bool:
    """Whether the Dataset's revision is that of its current spec, and can be trained on."""
    status = dataset.status
    return status.observed_generation == dataset.metadata.generation and is_true(status.conditions, READY)


def request_command(at: Situation) -> str:
    """What a person enters to start a run."""
    about = at.job.metadata
    return f'kubectl annotate trainingjob {about.name} -n {about.namespace} {REQUESTED_AT}="$(date -Is)" --overwrite'


def why_rolled_back(at: Situation) -> str:
    """Why a rollback blocks retraining: the Dataset has no revision that was found after it."""
    rollback, dataset = at.seen.rollback, at.seen.dataset
    if rollback is None or dataset is None:
        return ""
    revised = dataset.status.revised_at
    if revised and from_text(revised) > rollback.at:
        return ""
    what = f"Model {rollback.model} rolled version {rollback.version} back at {to_text(rollback.at)}"
    return f"{what}: retraining waits for a newer revision, or for {request_command(at)}"


def scheduled(at: Situation, schedule: ScheduleSpec) -> tuple[str, datetime]:
    """The schedule as text, and since when it is as it is."""
    text, known = f"{schedule.cron} {schedule.timezone}", at.status.retrain
    if known and known.schedule == text and known.scheduled_since:
        return text, from_text(known.scheduled_since)
    return text, at.now


def _news(at: Situation, dataset: Dataset) -> str:
    return f"revision {dataset.status.revision} is newer than {at.run.revision}, on which run {at.run.number} trained"


def _trigger(at: Situation, dataset: Dataset, retrain: RetrainSpec) -> _Trigger | Wait:
    """What starts a run first."""
    more, revision = (dataset.status.examples or 0) - (at.run.examples or 0), dataset.status.revision
    if retrain.on_new_revision:
        return _Trigger(at.now, Cause.NEW_REVISION, f"revision {revision} is newer than {at.run.revision}")
    if retrain.new_examples and more >= retrain.new_examples:
        message = f"revision {revision} has {more} more examples than {at.run.revision}"
        return _Trigger(at.now, Cause.NEW_EXAMPLES, message)
    if retrain.schedule is None:
        return Wait(TOO_FEW_EXAMPLES, f"it has {more} more examples, and retrain.newExamples is {retrain.new_examples}")
    try:
        return _scheduled(at, dataset, retrain.schedule)
    except ValueError as error:
        return Wait(BAD_SCHEDULE, f"spec.retrain.schedule: {error}")


def _scheduled(at: Situation, dataset: Dataset, schedule: ScheduleSpec) -> _Trigger:
    """The first time after the revision was found. Raises ValueError if the schedule cannot be read."""
    text, since = scheduled(at, schedule)
    found = dataset.status.revised_at
    starts = [each for each in (since, from_text(found) if found else since) if not is_of_wrong_clock(each, at.now)]
    time = next_time(schedule, max(starts, default=at.now - DAY))
    message = f"revision {dataset.status.revision} is newer than {at.run.revision}, and the schedule ({text}) came"
    return _Trigger(time, Cause.SCHEDULE, f"{message} to {to_text(time)}")


def _limited(at: Situation, retrain: RetrainSpec, trigger: _Trigger, news: str) -> Start | Wait:
    """The run starts at its time, after the cooldown, and within what a day allows."""
    free, allowed = _cooled(at, retrain), _allowed(at, retrain)
    waits = (
        Wait(WAITING_FOR_SCHEDULE, f"{news}; the schedule starts a run at {to_text(trigger.at)}", trigger.at),
        Wait(COOLING_DOWN, f"{news}; a run starts at {to_text(free)}, after retrain.cooldown {retrain.cooldown}", free),
        Wait(
            MAX_PER_DAY_REACHED,
            f"{news}; a run starts at {to_text(allowed)}: retrain.maxPerDay is {retrain.max_per_day}",
            allowed,
        ),
    )
    latest = max(waits, key=lambda wait: wait.until or at.now)
    return latest if latest.until and latest.until > at.now else Start(trigger.cause, trigger.message)


def _cooled(at: Situation, retrain: RetrainSpec) -> datetime:
    """When the cooldown after the last run is over."""
    ended = from_text(at.run.finished_at) if at.run.finished_at else None
    if ended is None or is_of_wrong_clock(ended, at.now):
        return at.now
    return ended + timedelta(seconds=seconds(retrain.cooldown))


def _allowed(at: Situation, retrain: RetrainSpec) -> datetime:
    """When retrain.maxPerDay allows another run."""
    known = map(from_text, at.status.retrain.starts if at.status.retrain else ())
    starts = [start for start in known if not is_of_wrong_clock(start, at.now)]
    return starts[-retrain.max_per_day] + DAY if len(starts) >= retrain.max_per_day else at.now
