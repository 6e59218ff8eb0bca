"""Kinds of failure of a trial: what each means, and what a person can do about it."""

from enum import StrEnum


class FailureKind(StrEnum):
    """Why a trial failed. An unknown kind counts as Infrastructure: it says nothing about a configuration."""

    OUT_OF_MEMORY = "OutOfMemory"
    OUT_OF_DISK = "OutOfDisk"
    BAD_DATA = "BadData"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    CRASHED = "Crashed"
    INFRASTRUCTURE = "Infrastructure"

    @classmethod
    def _missing_(cls, value: object) -> "FailureKind | None":
        return cls.INFRASTRUCTURE if isinstance(value, str) else None

    @property
    def is_result(self) -> bool:
        """Whether it says something about the configuration, and so is recorded and learned from.

        What a trial writes to disk depends on the dataset.
        """
        return self not in (FailureKind.INFRASTRUCTURE, FailureKind.OUT_OF_DISK)

    @property
    def is_limit(self) -> bool:
        """Whether a limit was reached that a person must raise: a retry would end the same way."""
        return self in (FailureKind.OUT_OF_MEMORY, FailureKind.OUT_OF_DISK, FailureKind.DEADLINE_EXCEEDED)

    @property
    def ending(self) -> str:
        """How such trials ended and what to do, to follow their count."""
        return _ENDINGS[self]


_ENDINGS = {
    FailureKind.OUT_OF_MEMORY: "ran out of memory (raise resources.memory)",
    FailureKind.OUT_OF_DISK: "ran out of disk (raise resources.ephemeralStorage)",
    FailureKind.BAD_DATA: "could not use the data (see the trials' messages)",
    FailureKind.DEADLINE_EXCEEDED: "took too long (raise maxDuration)",
    FailureKind.CRASHED: "crashed (see status.trials[].logURI)",
    FailureKind.INFRASTRUCTURE: "were lost with their nodes (start a new run)",
}
