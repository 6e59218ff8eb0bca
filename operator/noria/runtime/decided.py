"""What the executor needs of a decision: the shape of `noria.decisions.decision`, which this layer does not know."""

from collections.abc import Sequence
from typing import Any, Protocol

from noria.api.kind import Status


class Doomed(Protocol):
    """A child to delete."""

    @property
    def kind(self) -> str:
        """As in its body."""

    @property
    def name(self) -> str:
        """In the namespace of its owner."""

    @property
    def uid(self) -> str:
        """Another one of that name is not meant."""


class Told(Protocol):
    """An event."""

    @property
    def type(self) -> str:
        """Normal or Warning."""

    @property
    def reason(self) -> str:
        """One CamelCase word."""

    @property
    def message(self) -> str:
        """For people."""


class Decided(Protocol):
    """A decision for one object."""

    @property
    def status(self) -> Status:
        """The whole status as it should be."""

    @property
    def can_wait(self) -> bool:
        """Whether the difference in status is mere progress."""

    @property
    def create(self) -> Sequence[Any]:
        """Children that are created once."""

    @property
    def apply(self) -> Sequence[Any]:
        """Children that are applied."""

    @property
    def delete(self) -> Sequence[Doomed]:
        """Children that go."""

    @property
    def events(self) -> Sequence[Told]:
        """Told when the status is written."""

    @property
    def requeue(self) -> float | None:
        """Seconds until the next look, should nothing happen before."""
