"""How a step fails when it is not the step's own fault. Raised everywhere here, turned into a report by `steps`."""

from noria.contract import ExitCode, visible


class StepError(Exception):
    """A failure with its exit code, a CamelCase reason and a message: what was wrong, where, and what to do."""

    def __init__(self, exit_code: ExitCode, reason: str, message: str) -> None:
        self.exit_code, self.reason, self.message = exit_code, reason, visible(message)
        super().__init__(self.message)


NOT_FOUND = "NotFound"
"""Reason of `not_found`."""


def not_found(uri: str, answer: str = "") -> StepError:
    """The failure to read `uri`, at which the server found nothing."""
    return StepError(ExitCode.BAD_DATA, NOT_FOUND, f"{uri} does not exist{answer}: check the path")
