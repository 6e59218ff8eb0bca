"""A decision: the status to write, the children to create or delete, the events to write, and when to reconcile again.

After a crash in between, the next reconcile continues from the status, and children are never ahead of it.
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
    """The whole status as it should be; if it equals the one that was read, nothing is written."""
    can_wait: bool = False
    """Whether the status differs only in progress, which may be written with the next change or some seconds later."""
    create: tuple[Child, ...] = ()
    """Jobs: created once, never changed; an existing one of that name is kept."""
    apply: tuple[Child, ...] = ()
    """Other children, for server-side apply: missing, or different from what they should be."""
    delete: tuple[Reference, ...] = ()
    events: tuple[Event, ...] = ()
    """Written after the status, and only if the status differs."""
    requeue: float | None = None
    """Seconds until the next reconcile, if nothing happens before."""

    def until(self, seconds: float | None) -> "Decision[S]":
        """The decision with the next reconcile after this many seconds at the latest."""
        given = [each for each in (self.requeue, seconds) if each is not None]
        return replace(self, requeue=min(given)) if given else self
