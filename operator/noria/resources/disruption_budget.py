"""The PodDisruptionBudget of a Model: a drained node takes its replicas one by one. Used by `model.child`."""

from kubernetes.aio.client import V1LabelSelector, V1PodDisruptionBudget, V1PodDisruptionBudgetSpec

from noria.api import Model
from noria.resources import labels
from noria.resources.deployment import selector
from noria.resources.owner import child_metadata


def disruption_budget(model: Model) -> V1PodDisruptionBudget:
    """At most one replica may be evicted at a time; one that is not ready does not block a drain."""
    name = model.metadata.name
    return V1PodDisruptionBudget(
        api_version="policy/v1",
        kind="PodDisruptionBudget",
        metadata=child_metadata(model, name, labels.child_labels(model.kind, name)),
        spec=V1PodDisruptionBudgetSpec(
            max_unavailable=1,
            selector=V1LabelSelector(match_labels=selector(model)),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
    )
