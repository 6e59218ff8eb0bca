"""How a step fails when it is not the step's own fault. Raised everywhere here, turned into a report by `steps`."""

from noria.contract import ExitCode


class StepError(Exception):
    """A failure with its exit code, a CamelCase reason and a message: what was wrong, where, and what to do."""

    def __init__(self, exit_code: ExitCode, reason: str, message: str) -> None:
        super().__init__(message)
        self.exit_code, self.reason, self.message = exit_code, reason, message


def not_found(uri: str) -> StepError:
    """Nothing lies at `uri`."""
    return StepError(ExitCode.BAD_DATA, "NotFound", f"{uri} does not exist: check the path")
