"""One run of a TrainingJob: why it started, what is pinned for it, how it ended. Used by `training_job`."""

from enum import StrEnum

from pydantic import Field

from noria.api.dataset import ShareExperience
from noria.api.kind import Part
from noria.contract import Task, Winner


class Cause(StrEnum):
    """Why a run starts."""

    CREATED = "Created"
    SPEC_CHANGED = "SpecChanged"
    REQUESTED = "Requested"
    NEW_REVISION = "NewRevision"
    NEW_EXAMPLES = "NewExamples"
    SCHEDULE = "Schedule"


BY_THEMSELVES = (Cause.NEW_REVISION, Cause.NEW_EXAMPLES, Cause.SCHEDULE)
"""The causes that spec.retrain admits; no person asks for such a run."""


class RunStatus(Part):
    """One run, from choice to conclusion. One starts for a change of datasetRef, metric, search, ensemble or resources,
    for a request, and for a revision that spec.retrain admits."""

    number: int
    """Number of the run; part of the names of its children and paths."""
    generation: int
    """The generation of the spec that started it."""
    spec_hash: str
    """Hash of the fields whose change starts a run."""
    cause: Cause | None = None
    """Why it started. Created: it is the first. SpecChanged: one of those fields differs. Requested: the annotation
    noria.dev/requestedAt has another value. NewRevision, NewExamples, Schedule: spec.retrain."""
    cause_message: str | None = Field(default=None, max_length=1024)
    """Why it started, in a sentence."""
    request: str | None = None
    """Hash of the annotation noria.dev/requestedAt when it started."""
    task: Task
    """The dataset's task, pinned."""
    revision: str
    """The dataset's revision, pinned."""
    revised_at: str | None = None
    """When the Dataset got that revision."""
    examples: int | None = None
    """Number of examples of that revision."""
    trainer_image: str
    """The trainer image, pinned."""
    previous: tuple[Winner, ...] = Field(default=(), max_length=2)
    """The configurations that won the run before: candidates of this one's choice."""
    share_experience: ShareExperience = ShareExperience.SHARED
    """Whether the results of this run join the shared experience, pinned."""
    started_at: str | None = None
    """When the run began or was last resumed."""
    active_seconds: float = 0
    """Seconds that the run was active before that."""
    finished_at: str | None = None
    """When the run ended."""
    reason: str | None = None
    """How it ended: the reason of the condition Ready."""
    message: str | None = None
    """How it ended: the message of the condition Ready."""
    attempt: int = 0
    """Number of retries of the current choose or conclude step."""
