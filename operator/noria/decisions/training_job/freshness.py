"""What a TrainingJob says of a newer revision of its Dataset, and of what blocks retraining. Used by `training_job`."""

from dataclasses import replace
from datetime import datetime

from noria.api.condition import find_condition, is_true, without_conditions
from noria.api.retrain import RetrainStatus
from noria.api.training_job import (
    BAD_SCHEDULE,
    OUTDATED,
    RETRAIN_BLOCKED,
    ROLLED_BACK,
    RUN_STARTED,
    TrainingJobStatus,
)
from noria.contract import replaced
from noria.decision import Decision, Event, EventType
from noria.decisions.schedule import next_time
from noria.decisions.time import to_text
from noria.decisions.training_job.retrain import Start, Wait, retraining, scheduled, why_rolled_back
from noria.decisions.training_job.situation import Situation

MOST_WAIT = 3600.0
"""Seconds until the time is read again: a machine's timers stop while it sleeps, and clocks are set."""


def with_freshness(at: Situation, decision: Decision[TrainingJobStatus]) -> Decision[TrainingJobStatus]:
    """The decision with the conditions Outdated and RetrainBlocked, which hold only while True.

    | newer revision | Outdated | next look |
    |---|---|---|
    | none | absent | |
    | waits, see `retraining` | True, with what it waits for | when that is over, or in an hour |
    | is about to start a run | absent | at once |
    """
    at = at.but(**dict(decision.status))
    at = at.but(retrain=_schedule_noted(at))
    outlook = retraining(at) if at.status.run else None
    at = _with(at, OUTDATED, (outlook.reason, outlook.message) if isinstance(outlook, Wait) else None)
    at = _with(at, RETRAIN_BLOCKED, _blocked(at))
    return replace(decision, status=at.status).until(_seconds_until_look(at, outlook))


def freshness_events(before: TrainingJobStatus, after: TrainingJobStatus) -> tuple[Event, ...]:
    """One event when a run after the first starts, one when retraining is blocked."""
    found = []
    run, last = after.run, before.run
    if run and last and run.number != last.number:
        words = f"run {run.number} trains on revision {run.revision}; {run.cause}: {run.cause_message}"
        found.append(Event(EventType.NORMAL, RUN_STARTED, words))
    blocked = find_condition(after.conditions, RETRAIN_BLOCKED)
    if blocked and not is_true(before.conditions, RETRAIN_BLOCKED):
        found.append(Event(EventType.WARNING, blocked.reason, blocked.message))
    return tuple(found)


def _schedule_noted(at: Situation) -> RetrainStatus | None:
    """The status with the schedule of the spec, and since when it holds."""
    retrain, known = at.job.spec.retrain, at.status.retrain
    if retrain is None:
        return None
    if retrain.schedule is None:
        return replaced(known, schedule=None, scheduled_since=None) if known and known.starts else None
    text, since = scheduled(at, retrain.schedule)
    return replaced(known or RetrainStatus(), schedule=text, scheduled_since=to_text(since))


def _blocked(at: Situation) -> tuple[str, str] | None:
    """Reason and message, if only a person can let retraining go on."""
    retrain = at.job.spec.retrain
    if retrain is None:
        return None
    try:
        if retrain.schedule:
            next_time(retrain.schedule, at.now)
    except ValueError as error:
        return BAD_SCHEDULE, f"spec.retrain.schedule: {error}"
    rolled_back = why_rolled_back(at)
    return (ROLLED_BACK, rolled_back) if rolled_back else None


def _with(at: Situation, type: str, found: tuple[str, str] | None) -> Situation:
    """The situation with this condition, for this reason and with this message, or without it."""
    if found is None:
        return at.but(conditions=without_conditions(at.status.conditions, type))
    status = at.conditions.fact(type, True, reason=found[0], message=found[1]).status
    return at.but(conditions=status.conditions)


def _seconds_until_look(at: Situation, outlook: Start | Wait | None) -> float | None:
    if isinstance(outlook, Start):
        return 0.0
    until: datetime | None = outlook.until if outlook else None
    return min(max(0.0, (until - at.now).total_seconds()), MOST_WAIT) if until else None
