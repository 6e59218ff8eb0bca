"""The part of a pod's template that a TrainingJob may set: where pods run and under which identity.

Nothing here changes what the pods do.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field

from noria.api.keyword import list_map
from noria.api.kind import ObjectReference, Part


class PodMetadata(Part):
    """Labels and annotations of pods."""

    labels: dict[str, str] = Field(default_factory=dict, max_length=50)
    """Labels of the pods."""
    annotations: dict[str, str] = Field(default_factory=dict, max_length=50)
    """Annotations of the pods."""


class TolerationOperator(StrEnum):
    """How a toleration's key and value are compared with a taint's."""

    EXISTS = "Exists"
    EQUAL = "Equal"


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Toleration(Part):
    """A taint that the pods tolerate, as in a pod's spec."""

    key: str | None = Field(default=None, max_length=317)
    """The taint's key; if absent, any key."""
    operator: TolerationOperator | None = None
    """Exists for any value of the key, Equal for one value."""
    value: str | None = Field(default=None, max_length=63)
    """The taint's value."""
    effect: TaintEffect | None = None
    """The taint's effect; if absent, any effect."""
    toleration_seconds: int | None = None
    """How many seconds a NoExecute taint is tolerated; if absent, forever."""


class PodTemplate(Part):
    """Where pods may run and under which identity. What Noria sets wins, so nothing here can loosen it."""

    metadata: PodMetadata | None = None
    """Labels and annotations of the pods."""
    node_selector: dict[str, str] | None = Field(default=None, max_length=50)
    """Labels that a node needs to run the pods."""
    tolerations: tuple[Toleration, ...] | None = Field(default=None, max_length=50)
    """Node taints that the pods tolerate."""
    affinity: dict[str, Any] | None = None
    """As in a pod's spec."""
    priority_class_name: str | None = Field(default=None, max_length=253)
    """As in a pod's spec."""
    runtime_class_name: str | None = Field(default=None, max_length=253)
    """As in a pod's spec."""
    service_account_name: str | None = Field(default=None, max_length=253)
    """ServiceAccount of the pods, e.g. for workload identity; its token is not mounted."""
    image_pull_secrets: tuple[ObjectReference, ...] | None = Field(
        default=None, max_length=10, json_schema_extra=list_map("name")
    )
    """As in a pod's spec."""
