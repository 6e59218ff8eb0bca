"""Statuses by what they say of an object: it progresses, rests, cannot go on, or is done. Used by every decision.

The rules are kstatus' (cli-utils `pkg/kstatus/status/generic.go`): Ready from the first pass, the abnormal conditions
only while they hold, Reconciling and Stalled never together, the observed generation written with them.
"""

from datetime import datetime
from typing import TypeVar

from noria.api.condition import (
    ABNORMAL,
    READY,
    RECONCILING,
    STALLED,
    SUSPENDED,
    Condition,
    find_condition,
    is_true,
    with_condition,
    without_conditions,
)
from noria.api.kind import Resource, Status
from noria.decisions.decision import Event, EventType

S = TypeVar("S", bound=Status)


def progressing(status: S, of: Resource, *, reason: str, message: str, now: datetime) -> S:
    """Not Ready yet, and no person is needed."""
    return _state(status, of, False, RECONCILING, reason=reason, message=message, now=now)


def stalled(status: S, of: Resource, *, reason: str, message: str, now: datetime) -> S:
    """Not Ready, and only a person can mend it."""
    return _state(status, of, False, STALLED, reason=reason, message=message, now=now)


def suspended(status: S, of: Resource, *, reason: str, message: str, now: datetime) -> S:
    """Not Ready, because somebody wants it so."""
    return _state(status, of, False, SUSPENDED, reason=reason, message=message, now=now)


def ready(status: S, of: Resource, *, reason: str, message: str, now: datetime) -> S:
    """What was asked for is there."""
    return _state(status, of, True, None, reason=reason, message=message, now=now)


def with_fact(status: S, of: Resource, type: str, holds: bool, *, reason: str, message: str, now: datetime) -> S:
    """The status with a condition of the kind's own."""
    conditions = with_condition(
        status.conditions,
        type,
        holds,
        reason=reason,
        message=message,
        generation=of.metadata.generation,
        now=now,
    )
    return status.model_copy(update={"conditions": conditions})


def observed(status: S, of: Resource) -> S:
    """The same conditions, said of the present generation."""
    generation = of.metadata.generation
    if status.observed_generation == generation:
        return status
    conditions = tuple(each.model_copy(update={"observed_generation": generation}) for each in status.conditions)
    return status.model_copy(update={"observed_generation": generation, "conditions": conditions})


def events(before: Status, after: Status, *, warnings: frozenset[str]) -> tuple[Event, ...]:
    """One event where the object became Ready, Stalled, or what `warnings` names; conditions tell of progress."""
    was, is_ = find_condition(before.conditions, READY), find_condition(after.conditions, READY)
    if is_ is None or (was and (was.status, was.reason) == (is_.status, is_.reason)):
        return ()
    if is_true(after.conditions, STALLED) or is_.reason in warnings:
        return (Event(EventType.WARNING, is_.reason, is_.message),)
    return (Event(EventType.NORMAL, is_.reason, is_.message),) if is_.status == "True" else ()


def says_the_same(before: Status, after: Status) -> bool:
    """Whether Ready has the same status and reason in both: what else differs is mere progress."""
    was, is_ = find_condition(before.conditions, READY), find_condition(after.conditions, READY)
    return was is not None and is_ is not None and (was.status, was.reason) == (is_.status, is_.reason)


def _state(status: S, of: Resource, is_ready: bool, also: str | None, *, reason: str, message: str, now: datetime) -> S:
    """Ready, and at most one abnormal condition, for the same reason."""
    generation = of.metadata.generation
    conditions: tuple[Condition, ...] = without_conditions(status.conditions, *(set(ABNORMAL) - {also}))
    for type, holds in ((READY, is_ready), *(((also, True),) if also else ())):
        conditions = with_condition(
            conditions, type, holds, reason=reason, message=message, generation=generation, now=now
        )
    conditions = tuple(each.model_copy(update={"observed_generation": generation}) for each in conditions)
    return status.model_copy(update={"observed_generation": generation, "conditions": conditions})
