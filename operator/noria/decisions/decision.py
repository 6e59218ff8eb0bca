"""What a decision says: the status to write, the children to make or remove, the events to tell, when to look again.

The executor (`noria.runtime`) obeys in this order: status, delete, create and apply, events. So a crash in between
leaves a status from which the next pass goes on, and children never run ahead of it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from noria.api.kind import Status
from noria.resources.manifest import Child

REJECTED_SECONDS = 300.0
"""A child that the API server would not take is tried again so much later: what forbids it may be a policy, not us."""


class EventType(StrEnum):
    """Kubernetes' two types of events."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth telling, on the object that was decided for."""

    type: EventType
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A child to delete: only if it is still the one with this uid; in the background, pods included."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next for one object."""

    status: Status
    """The whole status as it should be; equal to the one that was read: nothing is written."""
    can_wait: bool = False
    """Whether the difference in status is mere progress, to be written with the next one or some seconds later."""
    create: tuple[Child, ...] = ()
    """Jobs: created once, never changed; one of that name that exists is as good."""
    apply: tuple[Child, ...] = ()
    """Other children, for server-side apply: missing, or not as they should be."""
    delete: tuple[Reference, ...] = ()
    events: tuple[Event, ...] = ()
    """Told once the status is written; of a decision whose status differs only."""
    requeue: float | None = None
    """Seconds until the next look, should nothing happen before."""

    def but(self, **changes: Any) -> "Decision":
        """The decision with these fields changed."""
        return replace(self, **changes)

    def until(self, seconds: float | None) -> "Decision":
        """The decision with a look no later than after so many seconds."""
        given = [each for each in (self.requeue, seconds) if each is not None]
        return self.but(requeue=min(given)) if given else self
