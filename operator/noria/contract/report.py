"""What steps report, and how a report fits into a termination message. `step` says which step has which report."""

import json
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from noria.contract.artifact import Artifact
from noria.contract.call import Call
from noria.contract.configuration import Configuration
from noria.contract.ensemble import EnsembleMember
from noria.contract.environment import REPORT_BYTES
from noria.contract.proof import Verdict
from noria.contract.shape import Prose, Shape, replaced


class Report(Shape):
    """What all reports have in common."""

    kind: str
    """The step that reports, or `failure`."""

    @property
    def refused(self) -> bool:
        """Whether the data must be corrected first."""
        return False

    least_prose: ClassVar[int] = 0
    """Bytes of each prose that are worth more than what `abridged` leaves out."""

    def abridged(self) -> Self:
        """The report without what may be looked up in the stored one."""
        return self


class Severity(StrEnum):
    """An Error refuses the dataset, a Warning does not."""

    ERROR = "Error"
    WARNING = "Warning"


class Problem(Shape):
    """A problem with a dataset, with up to five of the files or rows concerned."""

    reason: str = Field(max_length=40)
    severity: Severity
    message: Prose
    count: int = 0
    names: tuple[Prose, ...] = Field(default=(), max_length=5)


class ProfileReport(Report):
    """What is known about a revision. With a problem of severity Error the dataset is refused and has no revision."""

    kind: Literal["profile"] = "profile"
    revision: str | None = Field(default=None, max_length=64)
    examples: int = 0
    classes: tuple[Prose, ...] = Field(default=(), max_length=20)
    """The first 20."""
    class_count: int = 0
    problems: tuple[Problem, ...] = Field(default=(), max_length=10)
    profile_uri: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the data must be corrected first."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


class ChosenConfiguration(Shape):
    """A configuration to train, and why."""

    configuration: Configuration
    why: Prose
    """At most 120 characters."""
    expected_score: float | None = None
    """Validation score by the order's metric."""
    spread: float | None = None
    """Standard deviation of it over similar datasets."""


class ChooseReport(Report):
    """The choice: distinct configurations, the most promising first."""

    kind: Literal["choose"] = "choose"
    strategy: str = Field(max_length=40)
    basis: Prose
    """What the choice is based on, and what was left out."""
    choices: tuple[ChosenConfiguration, ...] = Field(max_length=10)
    is_abridged: bool | None = None
    """Whether the parameters are in the stored report alone."""

    def abridged(self) -> Self:
        """Without the configurations' parameters."""
        choices = (replaced(each, configuration=replaced(each.configuration, parameters={})) for each in self.choices)
        return replaced(self, choices=tuple(choices), is_abridged=True)


class TrainReport(Report):
    """A trained and exported model."""

    kind: Literal["train"] = "train"
    score: float
    """Validation score by the order's metric; each half of the split is predicted by the epoch that the other picks."""
    metrics: dict[str, float] = Field(default_factory=dict, max_length=12)
    """Every metric of the task on the validation split."""
    seconds: float
    epochs: int = 0
    parameters: int = 0
    artifact: Artifact


class ConcludeReport(Report):
    """The best trial, its honest score and the artifact to serve."""

    kind: Literal["conclude"] = "conclude"
    trial: str
    """The best single trial."""
    ensemble: tuple[EnsembleMember, ...] = Field(default=(), max_length=10)
    """Members of the ensemble, if the artifact is one."""
    score: float
    """On the hold-out set, by the order's metric."""
    low: float
    high: float
    """Bounds of the score's 95 % interval."""
    artifact: Artifact
    card_uri: str | None = None
    call: Call | None = None
    """How to ask the model."""
    message: Prose = ""
    least_prose: ClassVar[int] = 200

    def abridged(self) -> Self:
        """Without what the model card has as well."""
        return replaced(self, call=None)


class ProveReport(Report):
    """What follows for a candidate from its comparison with the served version."""

    kind: Literal["prove"] = "prove"
    result: Verdict
    reason: str = Field(max_length=40)
    """CamelCase, e.g. Better, NotWorse, Worse, ClassWorse."""
    message: Prose
    """The figures, and where they do not decide, what would."""
    examples: int = 0
    """Examples that were compared."""
    gain: float | None = None
    """By which the candidate's score is better than the served version's; none where nothing could be compared."""
    low: float | None = None
    high: float | None = None
    """Bounds of the gain's interval."""
    is_better: bool = False
    """Whether the gain's lower bound is above 0."""
    differences: tuple[Prose, ...] = Field(default=(), max_length=20)
    """What makes the two incomparable, e.g. a class that is gone: only a person can promote the candidate."""
    new_classes: tuple[Prose, ...] = Field(default=(), max_length=20)
    """Classes that the candidate has and the served version lacks."""
    worse_classes: tuple[Prose, ...] = Field(default=(), max_length=20)
    """Classes whose recall fell by more than chance explains."""
    proof_uri: str | None = None
    """The whole comparison."""


class FailureReport(Report):
    """Why a step failed; written with a non-zero exit code."""

    kind: Literal["failure"] = "failure"
    reason: str = Field(max_length=40)
    """CamelCase, e.g. SourceNotFound, AccessDenied, UnknownFamily."""
    message: Prose
    """What was wrong, where, and what to do."""


_PROSE = frozenset({"message", "names", "classes", "why", "basis", "differences", "newClasses", "worseClasses"})
_PROSE_LIMITS = (1024, 400, 200, 120, 80, 60, 40, 24, 16, 8)


def termination_message(report: Report) -> str:
    """The report as JSON within `REPORT_BYTES`: prose and names are cut evenly, as far as necessary, and then it is
    abridged."""
    for given in (report, report.abridged()):
        whole = json.loads(given.to_json())
        for limit in _PROSE_LIMITS:
            if given is report and limit < report.least_prose:
                break
            text = json.dumps(_cut(whole, limit), ensure_ascii=False, separators=(",", ":"))
            if len(text.encode()) <= REPORT_BYTES:
                return text
    raise ValueError(f"{report.kind} report: {len(text.encode())} bytes without its prose, at most {REPORT_BYTES} fit")


def _cut(value: Any, limit: int, prose: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: item if key == "parameters" else _cut(item, limit, key in _PROSE) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, limit, prose) for item in value]
    return _cut_text(value, limit) if prose and isinstance(value, str) else value


def _cut_text(text: str, limit: int) -> str:
    """The text within `limit` bytes of JSON, cut in the middle so that a file name keeps its extension."""
    head, tail = text, ""
    while len(json.dumps(head + tail, ensure_ascii=False).encode()) - 2 > limit:
        kept = (len(head) + len(tail)) * 9 // 10
        head, tail = text[: kept * 2 // 3], text[len(text) - kept // 3 :] if kept >= 3 else ""
        head, tail = (head[:-1] + "…", tail) if head else ("", tail)
    return head + tail
