"""What a status says about its object: ready, progressing, stalled or suspended.

The rules are kstatus' (cli-utils `pkg/kstatus/status/generic.go`): Ready from the first reconcile, the abnormal
conditions only while they hold, Reconciling and Stalled never together, the observed generation written with them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

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
from noria.api.kind import Status
from noria.contract import replaced
from noria.decision import Event, EventType
from noria.decisions.cure import waits_its_turn

S = TypeVar("S", bound=Status)


@dataclass(frozen=True, slots=True)
class Conditions(Generic[S]):
    """Sets the conditions of one status at one time: `Conditions(status, generation, now).ready(SERVING, "...")`."""

    status: S
    generation: int
    """Of the spec that the conditions are based on."""
    now: datetime

    def ready(self, reason: str, message: str) -> S:
        """The object is what its spec asks for."""
        return self._state(reason, message, is_ready=True)

    def progressing(self, reason: str, message: str) -> S:
        """Not Ready yet, and no person has to act."""
        return self._state(reason, message, abnormal=RECONCILING)

    def stalled(self, reason: str, message: str) -> S:
        """Not Ready, and a person has to act."""
        return self._state(reason, message, abnormal=STALLED)

    def suspended(self, reason: str, message: str) -> S:
        """Not Ready, because the user suspended it."""
        return self._state(reason, message, abnormal=SUSPENDED)

    def observed(self) -> S:
        """The same conditions, observed for the current generation."""
        if self.status.observed_generation == self.generation:
            return self.status
        return self._observed(self.status.conditions)

    def fact(self, type: str, holds: bool, *, reason: str, message: str) -> "Conditions[S]":
        """These conditions with one of the kind's own, to set further ones on."""
        conditions = self._with(self.status.conditions, type, holds, reason, message)
        return replace(self, status=replaced(self.status, conditions=conditions))

    def _state(self, reason: str, message: str, *, is_ready: bool = False, abnormal: str | None = None) -> S:
        """Ready, and at most one abnormal condition, for the same reason."""
        kept = without_conditions(self.status.conditions, *(set(ABNORMAL) - {abnormal}))
        conditions = self._with(kept, READY, is_ready, reason, message)
        if abnormal:
            conditions = self._with(conditions, abnormal, True, reason, message)
        return self._observed(conditions)

    def _with(
        self, conditions: tuple[Condition, ...], type: str, holds: bool, reason: str, message: str
    ) -> tuple[Condition, ...]:
        return with_condition(
            conditions, type, holds, reason=reason, message=message, generation=self.generation, now=self.now
        )

    def _observed(self, conditions: tuple[Condition, ...]) -> S:
        observed = tuple(replaced(each, observed_generation=self.generation) for each in conditions)
        return replaced(self.status, observed_generation=self.generation, conditions=observed)


def events(before: Status, after: Status, *, warnings: frozenset[str]) -> tuple[Event, ...]:
    """One event if the object became Ready, Stalled, or what `warnings` names; progress gets no events.

    An object whose pods wait for others to end gets a normal one, and a warning once they wait for more than that.
    """
    found = _event(after, warnings)
    was = _event(before, warnings)
    if found is None or (says_the_same(before, after) and was is not None and was.type is found.type):
        return ()
    return (found,)


def _event(status: Status, warnings: frozenset[str]) -> Event | None:
    """What somebody who looks at the object for the first time should know."""
    ready = find_condition(status.conditions, READY)
    if ready is None:
        return None
    is_warning = is_true(status.conditions, STALLED) or ready.reason in warnings
    if not is_warning and ready.status != "True":
        return None
    is_normal = not is_warning or waits_its_turn(ready.message)
    return Event(EventType.NORMAL if is_normal else EventType.WARNING, ready.reason, ready.message)


def says_the_same(before: Status, after: Status) -> bool:
    """Whether Ready has the same status and reason in both: any other difference is only progress."""
    was, is_ = find_condition(before.conditions, READY), find_condition(after.conditions, READY)
    return was is not None and is_ is not None and (was.status, was.reason) == (is_.status, is_.reason)
