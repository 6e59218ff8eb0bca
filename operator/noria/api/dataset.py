"""Dataset: labelled examples with a task. Its content has immutable revisions, found by a profile."""

from typing import Annotated, ClassVar

from pydantic import Field

from noria.api.kind import Duration, ObjectReference, Part, PrinterColumn, Resource, Status
from noria.contract import Column, Format, Severity, Task

# Reasons of conditions and events.
PROFILING = "Profiling"  # the source is being read
PROFILED = "Profiled"  # a revision can be trained on
REFUSED = "Refused"  # the examples cannot train a model well; problems say why
SOURCE_FAILED = "SourceFailed"  # the source could not be read
WAITING_FOR_POD = "WaitingForPod"  # the profile's pod cannot start; the message has the cluster's words

IDENTITY = "self.metadata.name.matches('^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$')"
IDENTITY_MESSAGE = "metadata.name must be at most 40 characters: a-z, 0-9 and -, starting with a letter"


class SourceSpec(Part):
    """Where the examples are."""

    uri: Annotated[
        str,
        Field(
            pattern=r"^(s3|https)://[^/]+(/.*)?$",
            max_length=1024,
            description="s3://BUCKET/PATH of a folder or file, or https:// of a file.",
        ),
    ]
    format: Annotated[Format | None, Field(description="How the examples lie there; without it the name tells.")] = None
    secret_ref: Annotated[
        ObjectReference | None,
        Field(
            description="Secret with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and AWS_REGION of the source, where they differ from the platform's."
        ),
    ] = None
    poll_interval: Annotated[
        Duration | None, Field(description="Look again for a new revision this often, e.g. 1h.")
    ] = None


class HoldoutSpec(Part):
    """Examples that no trial sees; they measure the best one honestly."""

    fraction: Annotated[float, Field(ge=0.05, le=0.5, description="Share of the examples.")] = 0.2


class ChecksSpec(Part):
    """When the dataset is refused, before any training is paid for."""

    min_examples_per_class: Annotated[int, Field(ge=2, le=100000, description="Fewest examples of a class.")] = 10
    max_unreadable_fraction: Annotated[
        float,
        Field(ge=0, le=1, description="Largest share of files that cannot be read; fewer are left out with a warning."),
    ] = 0.1


class DatasetSpec(Part):
    """What is to be learned from which examples."""

    task: Annotated[Task, Field(description="What is to be learned.")]
    source: Annotated[SourceSpec, Field(description="Where the examples are.")]
    target: Annotated[
        str | None,
        Field(min_length=1, max_length=256, description="The column to predict; for tables and text in files."),
    ] = None
    columns: Annotated[
        tuple[Column, ...],
        Field(max_length=2000, description="Columns whose type you know better than a first look at them tells."),
    ] = ()
    holdout: Annotated[HoldoutSpec, Field(description="Examples kept aside to measure the result.")] = HoldoutSpec()
    checks: Annotated[ChecksSpec, Field(description="When the dataset is refused.")] = ChecksSpec()


class ProblemStatus(Part):
    """Something wrong with the examples."""

    reason: Annotated[str, Field(description="One CamelCase word for programs.")]
    severity: Annotated[Severity, Field(description="An Error refuses the dataset.")]
    message: Annotated[str, Field(description="What is wrong and what to do.")]
    count: Annotated[int, Field(description="How many files or rows.")] = 0
    names: Annotated[tuple[str, ...], Field(description="Up to five of them.")] = ()


class DatasetStatus(Status):
    """What the last profile found."""

    revision: Annotated[str | None, Field(description="Content address of the last good profile's examples.")] = None
    examples: Annotated[int | None, Field(description="Readable labelled examples.")] = None
    classes: Annotated[tuple[str, ...], Field(description="The first 20 classes.")] = ()
    class_count: Annotated[int | None, Field(description="Number of classes.")] = None
    problems: Annotated[tuple[ProblemStatus, ...], Field(description="What was found wrong, errors first.")] = ()
    profile_uri: Annotated[
        str | None, Field(alias="profileURI", description="The whole profile, in the object store.")
    ] = None
    profile_number: Annotated[int, Field(description="Counts the looks at the source; in the names of their Jobs.")] = 0
    profiled_spec: Annotated[
        str | None, Field(description="Hash of the spec and request that the last profile answered.")
    ] = None
    profiled_at: Annotated[str | None, Field(description="When the last profile ended.")] = None
    refusals: Annotated[int, Field(description="Failed looks in a row; the next is made later each time.")] = 0


class Dataset(Resource):
    """Labelled examples with a task."""

    kind: ClassVar[str] = "Dataset"
    plural: ClassVar[str] = "datasets"
    short_names: ClassVar[tuple[str, ...]] = ("nds",)
    columns: ClassVar[tuple[PrinterColumn, ...]] = (
        PrinterColumn("Task", "string", ".spec.task", "What is to be learned"),
        PrinterColumn("Examples", "integer", ".status.examples", "Readable labelled examples"),
        PrinterColumn(
            "Ready", "string", '.status.conditions[?(@.type=="Ready")].status', "Whether it can be trained on"
        ),
        PrinterColumn("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason', "Why"),
        PrinterColumn("Revision", "string", ".status.revision", "Content address", 1),
        PrinterColumn("Message", "string", '.status.conditions[?(@.type=="Ready")].message', "In words", 1),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Since creation"),
    )
    rules: ClassVar[tuple[tuple[str, str], ...]] = (
        (IDENTITY, IDENTITY_MESSAGE),
        (
            "!self.spec.task.startsWith('Tabular') && self.spec.task != 'ClickThroughRate' || has(self.spec.target)",
            "spec.target is needed: the column to predict",
        ),
    )

    spec: DatasetSpec
    status: DatasetStatus = DatasetStatus()
