"""What a check finds. Used by `doctor`, `check` and `survey`."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """Something does not work, or will not for long; the rest does."""
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One result of a check."""

    check: str
    """What was looked at: cluster, kinds, operator, store, images, quota, GPUs, ..."""
    grade: Grade
    message: str
    cure: str = ""


def fine(check: str, message: str) -> Finding:
    """Nothing has to be done."""
    return Finding(check, Grade.OK, message)


def fault(check: str, message: str, cure: str) -> Finding:
    """Something does not work."""
    return Finding(check, Grade.FAULT, message, cure)


def warning(check: str, message: str, cure: str) -> Finding:
    """Something does not work in full."""
    return Finding(check, Grade.WARNING, message, cure)
