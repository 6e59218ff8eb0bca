"""What all kinds share: metadata, naming, and what their CustomResourceDefinitions are generated from."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from noria.api.condition import Condition
from noria.api.keyword import list_map, rule

GROUP = "noria.dev"
VERSION = "v1alpha1"
REQUESTED_AT = f"{GROUP}/requestedAt"
"""Annotation: a different value requests another profile run of a Dataset, another run of a TrainingJob."""

MOST_SECONDS = 2**31 - 1
"""Of a time span given as a number; 68 years."""
MOST_KEY = 317
"""Characters of a label's key: a prefix of 253, a slash and a name of 63."""
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|Ki|[MGTPE]i?)?$"
Quantity = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) else value),
    Field(pattern=QUANTITY, max_length=20),
    WithJsonSchema({"x-kubernetes-int-or-string": True, "pattern": QUANTITY, "maxLength": 20, "minimum": 0}),
]
"""An amount of CPU or memory in Kubernetes' notation: `2`, `500m`, `2Gi`."""
Duration = Annotated[str, Field(pattern=r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$", min_length=2, max_length=20)]
"""A time span such as `90s`, `15m` or `1h30m`."""
LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
LabelValue = Annotated[str, Field(pattern=LABEL_VALUE, max_length=63)]
"""The value of a label; may be empty."""
LabelKey = Annotated[
    str,
    Field(
        pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        min_length=1,
        max_length=MOST_KEY,
    ),
]
"""The key of a label, with an optional prefix, e.g. `topology.kubernetes.io/zone`."""
SOURCE_URI = r"^(s3|https)://[^/@?#%\\\s]+(/.*)?$"


def _readable(uri: str) -> str:
    if not re.fullmatch(SOURCE_URI, uri):
        raise ValueError(SOURCE_URI_WORDS)
    return uri


SOURCE_URI_WORDS = "must be s3://BUCKET/PATH or https://HOST/PATH, without user name or password"
SourceURI = Annotated[
    str,
    AfterValidator(_readable),
    Field(
        min_length=1,
        max_length=1024,
        json_schema_extra=rule(f"self.matches({json.dumps(SOURCE_URI)})", SOURCE_URI_WORDS),
    ),
]
"""Where a pod reads what a user names; a pod of ours sees more than its user may, by other schemes above all."""


class Part(BaseModel):
    """A part of a spec or status: camelCase in YAML, frozen; unknown fields are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    def to_dict(self) -> dict[str, Any]:
        """The part as Kubernetes stores it, without absent fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ObjectReference(Part):
    """A reference to an object in the same namespace."""

    name: str = Field(min_length=1, max_length=253)
    """Name of the object, in the same namespace."""


class Status(Part):
    """What every kind's status has."""

    observed_generation: int = -1
    """The generation of the spec that this status describes."""
    conditions: tuple[Condition, ...] = Field(default=(), json_schema_extra=list_map("type"))
    """Ready from the first reconcile on; the others only while they hold."""


class Metadata(Part):
    """The metadata that decisions read."""

    name: str
    namespace: str
    uid: str
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    annotations: Mapping[str, str] = Field(default_factory=dict)
    labels: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class PrinterColumn:
    """A column of `kubectl get`; those of priority 1 are shown only with `-o wide`."""

    name: str
    type: str
    path: str
    description: str
    priority: int = 0


def ready_columns(question: str) -> tuple[PrinterColumn, ...]:
    """The last columns of every kind: the condition Ready, and the age."""
    ready = '.status.conditions[?(@.type=="Ready")]'
    return (
        PrinterColumn("Ready", "string", f"{ready}.status", question),
        PrinterColumn("Reason", "string", f"{ready}.reason", "Why, in one word"),
        PrinterColumn("Message", "string", f"{ready}.message", "Why, in a sentence", priority=1),
        PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Time since creation"),
    )


class Resource(Part):
    """A custom resource. Subclasses set spec, status and the facts of their definition."""

    kind: ClassVar[str]
    plural: ClassVar[str]
    short_names: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[PrinterColumn, ...]]

    metadata: Metadata
