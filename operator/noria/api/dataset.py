"""Dataset: labelled examples with a task. Its content has immutable revisions, found by a profile."""

import re
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict, Field

from noria.api.keyword import list_map, rule
from noria.api.kind import Duration, ObjectReference, Part, PrinterColumn, Resource, Status, ready_columns
from noria.contract import TASKS, Column, Format, Severity, Task

# Reasons of conditions and events.
PROFILING = "Profiling"  # the source is being read
PROFILED = "Profiled"  # a revision can be trained on
REFUSED = "Refused"  # the examples cannot train a model well; problems say why
SOURCE_FAILED = "SourceFailed"  # the source could not be read
PROFILE_FAILED = "ProfileFailed"  # the profile step itself failed, e.g. for lack of memory
WAITING_FOR_POD = "WaitingForPod"  # the profile's pod cannot start; the message has the cluster's words


class ShareExperience(StrEnum):
    """Who learns from the results of a dataset's trials."""

    SHARED = "Shared"
    OWN = "Own"


class SourceSpec(Part):
    """Where the examples are."""

    uri: str = Field(pattern=r"^(s3|https)://[^/]+(/.*)?$", max_length=1024)
    """s3://BUCKET/PATH of a folder or file, or https:// of a file."""
    format: Format | None = None
    """How the examples lie there; without it the name tells."""
    secret_ref: ObjectReference | None = None
    """Secret with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION of the source,
    where they differ from the platform's."""
    poll_interval: Duration | None = Field(
        default=None, json_schema_extra=rule("duration(self) >= duration('10s')", "pollInterval is at least 10s")
    )
    """Look again for a new revision this often, e.g. 1h; at least 10s."""


class HoldoutSpec(Part):
    """Examples that no trial sees; they measure the best one honestly."""

    fraction: float = Field(default=0.2, ge=0.05, le=0.5)
    """Share of the examples."""


class ChecksSpec(Part):
    """When the dataset is refused, before any training is paid for."""

    min_examples_per_class: int = Field(default=10, ge=2, le=100000)
    """Fewest examples of a class."""
    max_unreadable_fraction: float = Field(default=0.1, ge=0, le=1)
    """Largest share of files that cannot be read; fewer are left out with a warning."""


def _needs_target() -> str:
    """CEL that holds of the tasks whose target a Dataset must name."""
    return " || ".join(dict.fromkeys(_is_task(task) for task, row in TASKS.items() if row.needs_target))


def _is_task(task: Task) -> str:
    """CEL that holds of the task, and of all with the same first word where they are alike: Tabular..."""
    word = re.findall("[A-Z][a-z]+", task)[0]
    alike = [row.needs_target for other, row in TASKS.items() if other.startswith(word)]
    return f"self.task.startsWith('{word}')" if len(alike) > 1 and all(alike) else f"self.task == '{task}'"


class DatasetSpec(Part):
    """What is to be learned from which examples."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            f"!({_needs_target()}) || has(self.target)",
            "target is needed for this task: the name of the column to predict",
        )
    )

    task: Task
    """What is to be learned."""
    source: SourceSpec
    """Where the examples are."""
    target: str | None = Field(default=None, min_length=1, max_length=256)
    """The column to predict; for tables, and for text in files."""
    columns: tuple[Column, ...] = Field(default=(), max_length=2000, json_schema_extra=list_map("name"))
    """Columns whose type you know better than a first look at them tells."""
    holdout: HoldoutSpec = HoldoutSpec()
    """Examples kept aside to measure the result."""
    checks: ChecksSpec = ChecksSpec()
    """When the dataset is refused."""
    share_experience: ShareExperience = ShareExperience.SHARED
    """Who learns from the results of later runs: Shared lets the choices for all datasets of this installation profit
    from their scores, configurations and the dataset's statistics, never its names or examples; Own this Dataset's
    alone."""


class ProblemStatus(Part):
    """Something wrong with the examples."""

    reason: str
    """One CamelCase word for programs."""
    severity: Severity
    """An Error refuses the dataset."""
    message: str
    """What is wrong and what to do."""
    count: int = 0
    """How many files or rows."""
    names: tuple[str, ...] = ()
    """Up to five of them."""


class DatasetStatus(Status):
    """What the last profile found."""

    revision: str | None = None
    """Content address of the last good profile's examples."""
    examples: int | None = None
    """Readable labelled examples."""
    classes: tuple[str, ...] = ()
    """The first 20 classes."""
    class_count: int | None = None
    """Number of classes."""
    problems: tuple[ProblemStatus, ...] = ()
    """What was found wrong, errors first."""
    profile_uri: str | None = Field(default=None, alias="profileURI")
    """The whole profile, in the object store."""
    profile_number: int = 0
    """Counts the looks at the source; in the names of their Jobs."""
    profiled_spec: str | None = None
    """Hash of the spec and request that the last profile answered."""
    profiling_spec: str | None = None
    """Hash of the spec and request that the present look is to answer; absent between looks."""
    profiled_at: str | None = None
    """When the last profile ended."""
    refusals: int = 0
    """Failed looks in a row; the next is made later each time."""


class Dataset(Resource):
    """Labelled examples with a task."""

    kind: ClassVar[str] = "Dataset"
    plural: ClassVar[str] = "datasets"
    short_names: ClassVar[tuple[str, ...]] = ("nds",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Task", "string", ".spec.task", "What is to be learned"),
        PrinterColumn("Examples", "integer", ".status.examples", "Readable labelled examples"),
        PrinterColumn("Revision", "string", ".status.revision", "Content address of the examples", priority=1),
        *ready_columns("Whether it can be trained on"),
    )

    spec: DatasetSpec
    """What is to be learned from which examples."""
    status: DatasetStatus = DatasetStatus()
    """What the last profile found."""
