"""Affinity of pods, as in a pod's spec, with bounds: a schema that ends somewhere, so that no object nests without end.

Absent lists stay absent, so that the pod's spec reads as the user wrote it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from noria.api.kind import LABEL_VALUE, LabelKey, LabelValue, Part

_MOST = 8
"""Terms of a list, and expressions of a term."""
_MOST_POD_TERMS = 4
_MOST_VALUES = 20

Labels = dict[str, LabelValue]
Namespace = Annotated[str, Field(pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
Values = tuple[LabelValue, ...]


class NodeOperator(StrEnum):
    """How a node's label is compared."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GREATER = "Gt"
    LESS = "Lt"


class LabelOperator(StrEnum):
    """How a pod's or namespace's label is compared."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class NodeRequirement(Part):
    """A label that nodes must or must not have."""

    key: LabelKey
    """The label's key."""
    operator: NodeOperator
    """How the label is compared with the values."""
    values: Values | None = Field(default=None, max_length=_MOST_VALUES)
    """Values to compare with; one integer for Gt and Lt, none for Exists and DoesNotExist."""


class NodeField(Part):
    """A field that nodes must or must not have."""

    key: str = Field(pattern=r"^metadata\.name$", max_length=13)
    """metadata.name."""
    operator: NodeOperator
    """In or NotIn."""
    values: tuple[Annotated[str, Field(pattern=LABEL_VALUE, max_length=253)], ...] = Field(min_length=1, max_length=1)
    """The node's name."""


class NodeTerm(Part):
    """What a node must satisfy."""

    match_expressions: tuple[NodeRequirement, ...] | None = Field(default=None, max_length=_MOST)
    """Labels of the node."""
    match_fields: tuple[NodeField, ...] | None = Field(default=None, max_length=_MOST)
    """Fields of the node."""


class NodeSelector(Part):
    """Nodes that satisfy one of the terms."""

    node_selector_terms: tuple[NodeTerm, ...] = Field(min_length=1, max_length=_MOST)
    """One of them must hold."""


class PreferredNodes(Part):
    """Nodes to prefer."""

    weight: int = Field(ge=1, le=100)
    """How much, compared with the other preferences."""
    preference: NodeTerm
    """Which nodes."""


class NodeAffinity(Part):
    """Nodes on which the pods must or should run."""

    required: NodeSelector | None = Field(default=None, alias="requiredDuringSchedulingIgnoredDuringExecution")
    """Nodes on which the pods must run."""
    preferred: tuple[PreferredNodes, ...] | None = Field(
        default=None, max_length=_MOST, alias="preferredDuringSchedulingIgnoredDuringExecution"
    )
    """Nodes on which the pods should run."""


class LabelRequirement(Part):
    """A label that must or must not be there."""

    key: LabelKey
    """The label's key."""
    operator: LabelOperator
    """How the label is compared with the values."""
    values: Values | None = Field(default=None, max_length=_MOST_VALUES)
    """Values to compare with; none for Exists and DoesNotExist."""


class LabelSelector(Part):
    """Labels that all must hold."""

    match_labels: Labels | None = Field(default=None, max_length=_MOST)
    """Labels with one value each."""
    match_expressions: tuple[LabelRequirement, ...] | None = Field(default=None, max_length=_MOST)
    """Labels that are compared otherwise."""


class PodTerm(Part):
    """Pods near or far from which to run."""

    topology_key: LabelKey
    """Label of nodes: those with the same value count as one place."""
    label_selector: LabelSelector | None = None
    """Labels of the pods."""
    namespaces: tuple[Namespace, ...] | None = Field(default=None, max_length=_MOST_VALUES)
    """Namespaces of the pods; by default their own."""
    namespace_selector: LabelSelector | None = None
    """Labels of the pods' namespaces."""
    match_label_keys: tuple[LabelKey, ...] | None = Field(default=None, max_length=_MOST)
    """Labels in which the pods equal those to be placed."""
    mismatch_label_keys: tuple[LabelKey, ...] | None = Field(default=None, max_length=_MOST)
    """Labels in which the pods differ from those to be placed."""


class PreferredPods(Part):
    """Pods near or far from which to run preferably."""

    weight: int = Field(ge=1, le=100)
    """How much, compared with the other preferences."""
    pod_affinity_term: PodTerm
    """Which pods."""


class PodAffinity(Part):
    """Pods near or far from which the pods must or should run."""

    required: tuple[PodTerm, ...] | None = Field(
        default=None, max_length=_MOST_POD_TERMS, alias="requiredDuringSchedulingIgnoredDuringExecution"
    )
    """What must hold, all of it."""
    preferred: tuple[PreferredPods, ...] | None = Field(
        default=None, max_length=_MOST_POD_TERMS, alias="preferredDuringSchedulingIgnoredDuringExecution"
    )
    """What should hold."""


class Affinity(Part):
    """Where pods run, relative to nodes and to other pods."""

    node_affinity: NodeAffinity | None = None
    """Nodes on which the pods must or should run."""
    pod_affinity: PodAffinity | None = None
    """Pods near which the pods must or should run."""
    pod_anti_affinity: PodAffinity | None = None
    """Pods away from which the pods must or should run."""
