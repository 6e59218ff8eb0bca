"""The exit codes of steps."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a step ended (sysexits.h). 64, 65 and 77 are permanent for a Job; 69, 70 and 75 are retried."""

    DONE = 0
    BAD_ORDER = 64
    BAD_DATA = 65
    UNAVAILABLE = 69
    CRASHED = 70
    """A bug or a broken machine, so another pod may succeed."""
    TRY_AGAIN = 75
    NOT_PERMITTED = 77


PERMANENT = (ExitCode.BAD_ORDER, ExitCode.BAD_DATA, ExitCode.NOT_PERMITTED)
