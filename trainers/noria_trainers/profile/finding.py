"""Problems of a dataset as they are found."""

from collections.abc import Sequence
from dataclasses import dataclass

from noria.contract import Problem, Severity, visible

MOST_NAMES, MOST_PROBLEMS = 5, 10
"""What a report has room for."""
MOST_KEPT = 10_000
"""Names of one problem that go into `profile.json`."""


@dataclass(frozen=True)
class Finding:
    """A problem with the files, rows, columns or classes concerned."""

    reason: str
    severity: Severity
    message: str
    count: int
    names: tuple[str, ...]

    def problem(self) -> Problem:
        """The finding, cut to what a report has room for."""
        return Problem(
            reason=self.reason,
            severity=self.severity,
            message=self.message,
            count=self.count,
            names=self.names[:MOST_NAMES],
        )


def _finding(reason: str, severity: Severity, message: str, count: int, names: Sequence[str]) -> Finding:
    """Names of files, columns and classes are whatever their owner likes, and are shown to others."""
    return Finding(reason, severity, visible(message), count, tuple(map(visible, names[:MOST_KEPT])))


class Findings:
    """Everything found wrong so far."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def error(self, reason: str, message: str, names: Sequence[str] = ()) -> None:
        """Something that refuses the dataset."""
        self._found.append(_finding(reason, Severity.ERROR, message, len(names), names))

    def warning(self, reason: str, message: str, names: Sequence[str] = (), count: int | None = None) -> None:
        """Something that the owner should know and that training can live with; `count` where not all are named."""
        count = len(names) if count is None else count
        self._found.append(_finding(reason, Severity.WARNING, message, count, names))

    @property
    def refused(self) -> bool:
        """Whether the dataset must be corrected first."""
        return any(each.severity is Severity.ERROR for each in self._found)

    def all(self) -> list[Finding]:
        """Errors first, else as found."""
        return sorted(self._found, key=lambda each: each.severity is not Severity.ERROR)

    def problems(self) -> tuple[Problem, ...]:
        """As many as a report has room for, errors first."""
        return tuple(each.problem() for each in self.all()[:MOST_PROBLEMS])
