"""What a decision says: the status to write, the children to make or remove, the events to write, when to look again.

So a crash in between leaves a status from which the next reconcile goes on, and children never run ahead of it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from noria.api.kind import Status
from noria.resources.manifest import Child

S = TypeVar("S", bound=Status, covariant=True)


class EventType(StrEnum):
    """Kubernetes' two types of events."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Event:
    """An event on the object that was decided for."""

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
class Decision(Generic[S]):
    """What to do next for one object with such a status."""

    status: S
    """The whole status as it should be; equal to the one that was read: nothing is written."""
    can_wait: bool = False
    """Whether the difference in status is mere progress, to be written with the next one or some seconds later."""
    create: tuple[Child, ...] = ()
    """Jobs: created once, never changed; one of that name that exists is as good."""
    apply: tuple[Child, ...] = ()
    """Other children, for server-side apply: missing, or not as they should be."""
    delete: tuple[Reference, ...] = ()
    events: tuple[Event, ...] = ()
    """Written once the status is; of a decision whose status differs only."""
    requeue: float | None = None
    """Seconds until the next look, should nothing happen before."""

    def until(self, seconds: float | None) -> "Decision[S]":
        """The decision with a look no later than after so many seconds."""
        given = [each for each in (self.requeue, seconds) if each is not None]
        return replace(self, requeue=min(given)) if given else self
