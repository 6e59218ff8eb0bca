"""Dataset: labelled examples for a task. A profile run writes its content as an immutable revision."""

import re
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import Duration, ObjectReference, Part, PrinterColumn, Resource, SourceURI, ready_columns
from noria.api.notification import NotifyingStatus, NotifySpec
from noria.contract import TASKS, Column, Format, Severity, Task

# Reasons of conditions and events.
PROFILING = "Profiling"  # a profile run reads the source
PROFILED = "Profiled"  # there is a revision to train on
REFUSED = "Refused"  # the examples are not good enough to train on; status.problems says why
SOURCE_REFUSED = "SourceRefused"  # the source is not the namespace's to read
SOURCE_FAILED = "SourceFailed"  # the source could not be read
PROFILE_FAILED = "ProfileFailed"  # the profile step itself failed, e.g. because it ran out of memory
WAITING_FOR_POD = "WaitingForPod"  # the profile step's pod cannot start; the message is the cluster's


class ShareExperience(StrEnum):
    """Who learns from the results of a dataset's trials."""

    SHARED = "Shared"
    OWN = "Own"


class SourceSpec(Part):
    """Where the examples are."""

    uri: SourceURI
    """s3://BUCKET/PATH of a folder or file, or the https:// URL of a file."""
    format: Format | None = None
    """Format of the examples; if absent, inferred from the file names."""
    secret_ref: ObjectReference | None = None
    """Secret with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION of the source,
    if they differ from the platform's."""
    poll_interval: Duration | None = Field(
        default=None, json_schema_extra=rule("duration(self) >= duration('10s')", "pollInterval must be at least 10s")
    )
    """How often to check the source for a new revision, e.g. 1h; at least 10s."""


class HoldoutSpec(Part):
    """The hold-out set: examples that no trial sees and that give the best one an honest score."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "[has(self.fraction), has(self.column), has(self.uri)].filter(given, given).size() <= 1",
            "set only one of fraction, column and uri",
        )
    )

    fraction: float | None = Field(default=None, ge=0.05, le=0.5)
    """Share of the examples to hold out; 0.2 if nothing else says what to hold out."""
    column: str | None = Field(default=None, min_length=1, max_length=256)
    """A column that says train, validation or test for each row; rows of test are held out."""
    uri: SourceURI | None = None
    """A second source with the examples to hold out, in the format of the first and read with its secret. Files that
    lie in the first source as well are part of this one only."""


class ChecksSpec(Part):
    """When to refuse the dataset, before any training is paid for."""

    min_examples_per_class: int = Field(default=10, ge=2, le=100000)
    """Minimum number of examples of each class."""
    max_unreadable_fraction: float = Field(default=0.1, ge=0, le=1)
    """Maximum share of unreadable files; up to that share they are left out with a warning."""


def _needs_target() -> str:
    """CEL that holds of the tasks whose target a Dataset must name."""
    return " || ".join(dict.fromkeys(_is_task(task) for task, row in TASKS.items() if row.needs_target))


def _is_task(task: Task) -> str:
    """CEL that holds of the task, and of all with the same first word where they are alike: Tabular..."""
    word = re.findall("[A-Z][a-z]+", task)[0]
    alike = [row.needs_target for other, row in TASKS.items() if other.startswith(word)]
    return f"self.task.startsWith('{word}')" if len(alike) > 1 and all(alike) else f"self.task == '{task}'"


_NAMES = rule(
    "self.map(column, column.name.size()).sum() <= 200000",
    "all names of columns may have 200000 characters together",
)
"""The profile's order, which has them all, is within what the environment of a pod and the API server can hold."""


class DatasetSpec(Part):
    """What to learn, and from which examples."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            f"!({_needs_target()}) || has(self.target)",
            "this task needs a target: the name of the column to predict",
        )
    )

    task: Task
    """What to learn."""
    source: SourceSpec
    """Where the examples are."""
    target: str | None = Field(default=None, min_length=1, max_length=256)
    """The column to predict, for tables and for text in files."""
    columns: tuple[Column, ...] = Field(default=(), max_length=2000, json_schema_extra=list_map("name") | _NAMES)
    """Types of columns, where you know better than the profile can infer."""
    holdout: HoldoutSpec = HoldoutSpec()
    """Examples held out to score the result."""
    checks: ChecksSpec = ChecksSpec()
    """When to refuse the dataset."""
    share_experience: ShareExperience = ShareExperience.SHARED
    """Who learns from the results of later runs. Shared: choices for all datasets of this installation learn from the
    scores, the configurations and the dataset's statistics, never from its names or examples. Own: only choices for
    this Dataset do."""
    notify: NotifySpec | None = None
    """A server to notify when the dataset is refused."""


class ProblemStatus(Part):
    """A problem with the examples."""

    reason: str
    """Machine-readable reason, one CamelCase word."""
    severity: Severity
    """An Error refuses the dataset, a Warning does not."""
    message: str
    """What is wrong and what to do."""
    count: int = 0
    """Number of files or rows concerned."""
    names: tuple[str, ...] = ()
    """Names of up to five of them."""


class DatasetStatus(NotifyingStatus):
    """What the last profile found."""

    revision: str | None = None
    """Content address of the examples that the last successful profile run read."""
    revised_at: str | None = None
    """When a profile run first found that revision."""
    examples: int | None = None
    """Number of readable labelled examples."""
    classes: tuple[str, ...] = ()
    """The first 20 classes."""
    class_count: int | None = None
    """Number of classes."""
    problems: tuple[ProblemStatus, ...] = ()
    """Problems with the examples, errors first."""
    profile_uri: str | None = Field(default=None, alias="profileURI")
    """The full profile, in the object store."""
    profile_number: int = 0
    """Number of the latest profile run; part of its Job's name."""
    profiled_spec: str | None = None
    """Hash of the spec and the request that the last finished profile run was for."""
    profiling_spec: str | None = None
    """Hash of the spec and the request that the current profile run is for; absent between runs."""
    profiled_at: str | None = None
    """When the last profile run ended."""
    refusals: int = 0
    """Failed profile runs in a row; the wait before the next one grows with them."""


class Dataset(Resource):
    """Labelled examples for a task."""

    kind: ClassVar[str] = "Dataset"
    plural: ClassVar[str] = "datasets"
    short_names: ClassVar[tuple[str, ...]] = ("nds",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Task", "string", ".spec.task", "What to learn"),
        PrinterColumn("Examples", "integer", ".status.examples", "Readable labelled examples"),
        PrinterColumn("Revision", "string", ".status.revision", "Content address of the examples", priority=1),
        *ready_columns("Whether it can be trained on"),
    )

    spec: DatasetSpec
    """What to learn, and from which examples."""
    status: DatasetStatus = DatasetStatus()
    """What the last profile found."""
