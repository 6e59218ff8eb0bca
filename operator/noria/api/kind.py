"""What every kind shares: metadata, naming, and the facts that its CustomResourceDefinition is generated from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from noria.api.condition import Condition

GROUP = "noria.dev"
VERSION = "v1alpha1"
REQUESTED_AT = f"{GROUP}/requestedAt"
"""Annotation on a Dataset: another value asks for another look at the source."""

Quantity = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|[kMGTPE]i?)?$", max_length=20)]
"""An amount of CPU or memory, as Kubernetes writes it: `500m`, `2Gi`."""
Duration = Annotated[str, Field(pattern=r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$", min_length=2, max_length=20)]
"""A time span such as `90s`, `15m` or `1h30m`."""


class Part(BaseModel):
    """A part of a spec or status: camelCase in YAML, frozen, fields of other versions are passed over."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")

    def to_dict(self) -> dict[str, Any]:
        """The part as Kubernetes keeps it, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ObjectReference(Part):
    """Names an object in the same namespace."""

    name: Annotated[str, Field(min_length=1, max_length=63, description="Name of an object in the same namespace.")]


class Status(Part):
    """What every kind's status has."""

    observed_generation: Annotated[
        int, Field(description="The generation of the spec that this status speaks of.")
    ] = -1
    conditions: Annotated[
        tuple[Condition, ...],
        Field(description="Ready from the first pass; Reconciling, Stalled and Suspended only while they hold."),
    ] = ()


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
    """A column of `kubectl get`."""

    name: str
    type: str
    path: str
    description: str
    priority: int = 0


class Resource(Part):
    """A custom resource. Subclasses set spec, status and the facts of their definition."""

    kind: ClassVar[str]
    plural: ClassVar[str]
    short_names: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[PrinterColumn, ...]]
    rules: ClassVar[tuple[tuple[str, str], ...]] = ()
    """CEL rules on the whole object and the message of each."""

    metadata: Metadata
