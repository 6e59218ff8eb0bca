"""What operator, trainers and serving agree on: orders, reports, exit codes, paths and environment names.

The operator hands a step its order as JSON in one environment variable and reads its report from the container's
termination message, of which the kubelet keeps 4,096 bytes. Everything larger goes to the object store, under a path
that the order named. Used by `noria.resources` (writes orders), `noria.controllers` (reads reports), and by the steps.
"""

import hashlib
import json
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

ORDER_VARIABLE = "NORIA_ORDER"
"""Environment variable that holds a step's order as JSON."""
REPORT_PATH = "/dev/termination-log"
"""Where a step writes its report, for the kubelet to pick up."""
REPORT_BYTES = 4096
"""What the kubelet keeps of a termination message."""
SOURCE_PREFIX = "SOURCE_"
"""Put before AWS_ACCESS_KEY_ID, ... for the credentials of a Dataset's source, where they differ from ours."""
STORE_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_REGION")
"""Keys of the Secret `noria-object-store` and of a source's `secretRef`, and the variables made from them."""
STORE_SECRET = "noria-object-store"
SCRATCH_PATH = "/scratch"
"""Writable disk of a step: downloads, caches and checkpoints."""
MODELS_PATH = "/models"
"""Where the puller puts MODEL/VERSION and the server looks for them."""
METRICS_PORT = 9090
"""Prometheus text of a running step."""
GRPC_PORT, REST_PORT = 8500, 8501
"""Ports of a model server, TensorFlow Serving's own."""


class ExitCode(IntEnum):
    """How a step ended (sysexits.h). 64, 65 and 77 are permanent for a Job; 69 and 75 are tried again."""

    DONE = 0
    BAD_ORDER = 64
    BAD_DATA = 65
    UNAVAILABLE = 69
    TRY_AGAIN = 75
    NOT_PERMITTED = 77


PERMANENT = (ExitCode.BAD_ORDER, ExitCode.BAD_DATA, ExitCode.NOT_PERMITTED)


class Task(StrEnum):
    """What is to be learned from a dataset."""

    IMAGE_CLASSIFICATION = "ImageClassification"
    TEXT_CLASSIFICATION = "TextClassification"
    TABULAR_CLASSIFICATION = "TabularClassification"
    TABULAR_REGRESSION = "TabularRegression"
    CLICK_THROUGH_RATE = "ClickThroughRate"


class Metric(StrEnum):
    """A score by which trials are compared. `DEFAULT_METRIC` has a task's own, `METRICS` all that a task allows."""

    ACCURACY = "Accuracy"
    BALANCED_ACCURACY = "BalancedAccuracy"
    MACRO_F1 = "MacroF1"
    LOG_LOSS = "LogLoss"
    ROC_AUC = "RocAuc"
    R2 = "R2"
    RMSE = "RMSE"
    MAE = "MAE"

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is the better one."""
        return self not in (Metric.LOG_LOSS, Metric.RMSE, Metric.MAE)


_CLASSIFICATION = (Metric.ACCURACY, Metric.BALANCED_ACCURACY, Metric.MACRO_F1, Metric.LOG_LOSS)
METRICS: dict[Task, tuple[Metric, ...]] = {
    Task.IMAGE_CLASSIFICATION: _CLASSIFICATION,
    Task.TEXT_CLASSIFICATION: _CLASSIFICATION,
    Task.TABULAR_CLASSIFICATION: _CLASSIFICATION,
    Task.TABULAR_REGRESSION: (Metric.R2, Metric.RMSE, Metric.MAE),
    Task.CLICK_THROUGH_RATE: (Metric.ROC_AUC, Metric.LOG_LOSS),
}
DEFAULT_METRIC: dict[Task, Metric] = {task: metrics[0] for task, metrics in METRICS.items()}


class Format(StrEnum):
    """How examples lie in a source. A folder of images may also be a zip or tar of one."""

    IMAGE_FOLDER = "ImageFolder"
    CSV = "CSV"
    PARQUET = "Parquet"
    JSON_LINES = "JSONLines"


class ColumnType(StrEnum):
    """What a column is for: a feature of some type, the group or time to split by, or nothing."""

    NUMERIC = "Numeric"
    CATEGORICAL = "Categorical"
    TEXT = "Text"
    GROUP = "Group"
    TIME = "Time"
    IGNORE = "Ignore"


class Strategy(StrEnum):
    """How the configurations of a TrainingJob are chosen."""

    PORTFOLIO = "Portfolio"
    RANDOM = "Random"
    EXPLICIT = "Explicit"


class Shape(BaseModel):
    """JSON is camelCase, values are frozen, unknown fields of another version are passed over."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    def to_json(self) -> str:
        """The compact JSON that goes into a variable, a file or a termination message."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


Prose = Annotated[str, AfterValidator(_printable)]
"""Words for people. Control characters and the halves of undecodable file names become spaces."""
Parameter = bool | int | float | str


class Configuration(Shape):
    """One parameter combination: a family of models and values for its parameters."""

    family: str = Field(min_length=1, max_length=40)
    """A kind of model, e.g. image-cnn; `noria-trainer space` lists them."""
    parameters: dict[str, Parameter] = Field(default_factory=dict, max_length=16)
    """Numbers, texts or truth values by the parameter's name; what is absent has the family's default."""

    @property
    def id(self) -> str:
        """Twelve hex digits that depend on family and parameters alone: not on their order, nor on 1 or 1.0, which an
        API server does not tell apart."""
        parameters = {name: _shortest(value) for name, value in self.parameters.items()}
        canonical = json.dumps([self.family, parameters], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _shortest(value: Parameter) -> Parameter:
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Artifact(Shape):
    """A file in the object store that is only used when its digest matches."""

    uri: str = Field(min_length=1, max_length=1024)
    """s3://BUCKET/PATH of the file."""
    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    """sha256: and 64 hex digits, of the file's bytes."""


class Backbone(Artifact):
    """Pretrained weights of a `keras.applications` model, by the model's name there."""

    name: str


class Column(Shape):
    """A column whose type the owner knows better than the profile could guess."""

    name: str = Field(min_length=1, max_length=256)
    """The column's name in the source."""
    type: ColumnType
    """A feature's type; Group or Time to split the examples by; Ignore to leave the column out."""


class Source(Shape):
    """Where labelled examples are read from."""

    uri: str
    format: Format | None = None


class Checks(Shape):
    """When a dataset is refused."""

    min_examples_per_class: int = 10
    max_unreadable_fraction: float = 0.1


# ---- orders -------------------------------------------------------------------------------------------------------


class ProfileOrder(Shape):
    """Read a source, check it, write its revision below `destination` and report."""

    step: Literal["profile"] = "profile"
    task: Task
    source: Source
    target: str | None = None
    columns: tuple[Column, ...] = ()
    holdout_fraction: float = 0.2
    checks: Checks = Checks()
    destination: str
    """`s3://BUCKET/datasets/NS/NAME/`; the revision becomes the next path element."""
    report: str
    """Where the report is stored before it is written to the termination message."""


class ChooseOrder(Shape):
    """Choose the configurations to train on a revision."""

    step: Literal["choose"] = "choose"
    task: Task
    metric: Metric
    revision: str
    """`s3://BUCKET/datasets/NS/NAME/REVISION/`, as the profile wrote it."""
    strategy: Strategy = Strategy.PORTFOLIO
    trials: int = Field(default=5, ge=1, le=10)
    configurations: tuple[Configuration, ...] = ()
    """For strategy Explicit: these and no others."""
    backbones: tuple[Backbone, ...] = ()
    experience: str
    """`s3://BUCKET/experience/`"""
    seed: int = 0
    report: str


class TrainOrder(Shape):
    """Train one configuration on a revision and export it below `destination`."""

    step: Literal["train"] = "train"
    task: Task
    metric: Metric
    revision: str
    configuration: Configuration
    backbones: tuple[Backbone, ...] = ()
    seed: int = 0
    gpus: int = 0
    destination: str
    """`s3://BUCKET/runs/NS/JOB/UID/RUN/TRIAL/`: checkpoint, model.tar, history."""
    report: str


class FinishedTrial(Shape):
    """A trial as the operator saw it end."""

    name: str
    configuration: Configuration
    score: float | None = None
    """Validation score; none for a failed trial."""
    failure: str | None = None
    """Kind of failure, none for a success: OutOfMemory, BadData, DeadlineExceeded, Crashed, Infrastructure."""
    report: str
    """Where the trial's train step stored its report."""


class ConcludeOrder(Shape):
    """Pick the best trial, score it on the hold-out, package it and record all results."""

    step: Literal["conclude"] = "conclude"
    task: Task
    metric: Metric
    revision: str
    trials: tuple[FinishedTrial, ...]
    experience: str
    seed: int = 0
    gpus: int = 0
    """What each trial had: budgets differ, so results with and without do not compare."""
    destination: str
    """`s3://BUCKET/runs/NS/JOB/UID/RUN/best/`: model.tar, model card, plots."""
    report: str


class PullOrder(Shape):
    """Put a verified artifact at `destination/model/version`, whole or not at all."""

    step: Literal["pull"] = "pull"
    artifact: Artifact
    model: str
    version: int
    destination: str = MODELS_PATH


Order = Annotated[ProfileOrder | ChooseOrder | TrainOrder | ConcludeOrder, Field(discriminator="step")]
ORDER: TypeAdapter[ProfileOrder | ChooseOrder | TrainOrder | ConcludeOrder] = TypeAdapter(Order)


# ---- reports ------------------------------------------------------------------------------------------------------


class Severity(StrEnum):
    """An Error refuses the dataset, a Warning does not."""

    ERROR = "Error"
    WARNING = "Warning"


class Problem(Shape):
    """Something wrong with a dataset, with up to five of the files or rows concerned."""

    reason: str = Field(max_length=40)
    severity: Severity
    message: Prose
    count: int = 0
    names: tuple[Prose, ...] = Field(default=(), max_length=5)


class ProfileReport(Shape):
    """What is known of a revision. With a problem of severity Error the dataset is refused and has no revision."""

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
        """Whether a person must mend the data."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


class ChosenConfiguration(Shape):
    """One of the five, with why."""

    configuration: Configuration
    why: Prose
    """At most 120 characters."""
    expected_score: float | None = None


class ChooseReport(Shape):
    """The choice: distinct configurations, the most promising first."""

    kind: Literal["choose"] = "choose"
    strategy: str = Field(max_length=40)
    basis: Prose
    """What the choice rests on, and what was left out."""
    choices: tuple[ChosenConfiguration, ...] = Field(max_length=10)


class TrainReport(Shape):
    """A trained and exported model."""

    kind: Literal["train"] = "train"
    score: float
    """Validation score by the order's metric."""
    metrics: dict[str, float] = Field(default_factory=dict, max_length=12)
    """Every metric of the task on the validation split."""
    seconds: float
    epochs: int = 0
    parameters: int = 0
    artifact: Artifact


class ConcludeReport(Shape):
    """The best trial, its honest score and the version that can be served."""

    kind: Literal["conclude"] = "conclude"
    trial: str
    score: float
    """On the hold-out, by the order's metric."""
    low: float
    high: float
    """Bounds of the score's 95 % interval."""
    artifact: Artifact
    card_uri: str | None = None
    message: Prose = ""


class FailureReport(Shape):
    """Why a step could not do its work; written with a non-zero exit code."""

    kind: Literal["failure"] = "failure"
    reason: str = Field(max_length=40)
    """CamelCase, e.g. SourceNotFound, AccessDenied, UnknownFamily."""
    message: Prose
    """What was wrong, where, and what to do."""


Report = ProfileReport | ChooseReport | TrainReport | ConcludeReport | FailureReport
_REPORT: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="kind")])
_PROSE = frozenset({"message", "names", "classes", "why", "basis"})
_PROSE_LIMITS = (1024, 400, 200, 120, 80, 60, 40, 24, 16, 8)


def termination_message(report: Report) -> str:
    """The report as JSON within `REPORT_BYTES`: prose and names are cut, evenly, as far as that takes."""
    whole = json.loads(report.to_json())
    for limit in _PROSE_LIMITS:
        text = json.dumps(_cut(whole, limit), ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) <= REPORT_BYTES:
            return text
    raise ValueError(f"{report.kind} report: {len(text.encode())} bytes without its prose, {REPORT_BYTES} are kept")


def parse_report(text: str | None) -> Report | None:
    """The report in a termination message; none where the step died before it could write one."""
    if not text:
        return None
    try:
        return _REPORT.validate_json(text)
    except ValidationError:
        return None


def _cut(value: Any, limit: int, prose: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: item if key == "parameters" else _cut(item, limit, key in _PROSE) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, limit, prose) for item in value]
    return _cut_text(value, limit) if prose and isinstance(value, str) else value


def _cut_text(text: str, limit: int) -> str:
    """The text within `limit` bytes of JSON; what is left out is in the middle, so that a file keeps its ending."""
    head, tail = text, ""
    while len(json.dumps(head + tail, ensure_ascii=False).encode()) - 2 > limit:
        kept = (len(head) + len(tail)) * 9 // 10
        head, tail = text[: kept * 2 // 3], text[len(text) - kept // 3 :] if kept >= 3 else ""
        head, tail = (head[:-1] + "…", tail) if head else ("", tail)
    return head + tail
