"""The part of a pod's template that a TrainingJob may set: where pods run and under which identity.

Nothing here changes what the pods do.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict

from noria.api.affinity import Affinity
from noria.api.keyword import list_map, rule, rules
from noria.api.kind import GROUP, MOST_KEY, MOST_SECONDS, LabelKey, LabelValue, ObjectReference, Part

_RESERVED_DOMAINS = (GROUP, "kubernetes.io", "k8s.io")
"""With all below and beside them, e.g. kueue.x-k8s.io: controllers and admission know a pod by keys of these."""
_RESERVED_PREFIXES = ("io.kubernetes.", "io.katacontainers.")
"""Of container runtimes."""
_RESERVED_KEYS = ("app.kubernetes.io/managed-by", "job-name", "controller-uid", "pod-template-hash")
_FREE_PREFIXES = ("app.kubernetes.io/", "cluster-autoscaler.kubernetes.io/")


def is_reserved(key: str) -> bool:
    """Whether a pod's label or annotation of this key is not the user's to set."""
    if key in _RESERVED_KEYS:
        return True
    domain = key.partition("/")[0]
    is_ours = domain.endswith(_RESERVED_DOMAINS) or key.startswith(_RESERVED_PREFIXES)
    return is_ours and not key.startswith(_FREE_PREFIXES)


def _free_keys() -> JsonDict:
    """The rules for keys of labels and annotations: their size, and what `is_reserved` says, in CEL."""
    domains = [f"key.find('^[^/]+').endsWith('{domain}')" for domain in _RESERVED_DOMAINS]
    ours = " || ".join(domains + [f"key.startsWith('{prefix}')" for prefix in _RESERVED_PREFIXES])
    free = " || ".join(f"key.startsWith('{prefix}')" for prefix in _FREE_PREFIXES)
    expression = f"self.all(key, !(key in {list(_RESERVED_KEYS)}) && ({free} || !({ours})))"
    return rules(_BOUNDED_KEYS, rule(expression, f"keys of {GROUP}, kubernetes.io and k8s.io are reserved"))


_BOUNDED_KEYS = rule(f"self.all(key, key.size() <= {MOST_KEY})", f"a key has at most {MOST_KEY} characters")
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]


class PodMetadata(Part):
    """Labels and annotations of pods."""

    labels: dict[str, LabelValue] = Field(default_factory=dict, max_length=50, json_schema_extra=_free_keys())
    """Labels of the pods."""
    annotations: dict[str, Annotated[str, Field(max_length=1024)]] = Field(
        default_factory=dict, max_length=50, json_schema_extra=_free_keys()
    )
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

    key: LabelKey | None = None
    """The taint's key; if absent, any key."""
    operator: TolerationOperator | None = None
    """Exists for any value of the key, Equal for one value."""
    value: LabelValue | None = None
    """The taint's value."""
    effect: TaintEffect | None = None
    """The taint's effect; if absent, any effect."""
    toleration_seconds: int | None = Field(default=None, ge=0, le=MOST_SECONDS)
    """How many seconds a NoExecute taint is tolerated; if absent, forever."""


class PodTemplate(Part):
    """Where pods may run and under which identity. What Noria sets wins, so nothing here can loosen it."""

    metadata: PodMetadata | None = None
    """Labels and annotations of the pods."""
    node_selector: dict[str, LabelValue] | None = Field(default=None, max_length=50, json_schema_extra=_BOUNDED_KEYS)
    """Labels that a node needs to run the pods."""
    tolerations: tuple[Toleration, ...] | None = Field(default=None, max_length=50)
    """Node taints that the pods tolerate."""
    affinity: Affinity | None = None
    """As in a pod's spec; kubectl explain shows how many terms, expressions and values it may have."""
    priority_class_name: ObjectName | None = Field(
        default=None,
        json_schema_extra=rule("!self.startsWith('system-')", "system- priorities are for the cluster's own pods"),
    )
    """As in a pod's spec; not one of the cluster's own, system-..."""
    runtime_class_name: ObjectName | None = None
    """As in a pod's spec."""
    service_account_name: ObjectName | None = None
    """ServiceAccount of the pods, e.g. for workload identity; its token is not mounted."""
    image_pull_secrets: tuple[ObjectReference, ...] | None = Field(
        default=None, max_length=10, json_schema_extra=list_map("name")
    )
    """As in a pod's spec."""
