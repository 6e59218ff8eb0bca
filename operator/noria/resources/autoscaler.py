"""The HorizontalPodAutoscaler of a Model, also where fewest and most replicas are equal: it alone owns their number.
Used by `model.child`.
"""

from kubernetes.aio.client import (
    V2CrossVersionObjectReference,
    V2HorizontalPodAutoscaler,
    V2HorizontalPodAutoscalerBehavior,
    V2HorizontalPodAutoscalerSpec,
    V2HPAScalingPolicy,
    V2HPAScalingRules,
    V2MetricSpec,
    V2MetricTarget,
    V2ResourceMetricSource,
)

from noria.api import Model
from noria.resources import labels
from noria.resources.owner import child_metadata


def autoscaler(model: Model) -> V2HorizontalPodAutoscaler:
    """Scales on CPU, relative to what each replica asks for."""
    scaling = model.spec.scaling
    name = model.metadata.name
    cpu = V2ResourceMetricSource(
        name="cpu", target=V2MetricTarget(type="Utilization", average_utilization=scaling.target_cpu)
    )
    return V2HorizontalPodAutoscaler(
        api_version="autoscaling/v2",
        kind="HorizontalPodAutoscaler",
        metadata=child_metadata(model, name, labels.child_labels(model.kind, name)),
        spec=V2HorizontalPodAutoscalerSpec(
            scale_target_ref=V2CrossVersionObjectReference(api_version="apps/v1", kind="Deployment", name=name),
            min_replicas=scaling.min_replicas,
            max_replicas=scaling.ceiling,
            metrics=[V2MetricSpec(type="Resource", resource=cpu)],
            behavior=_behavior(),
        ),
    )


def _behavior() -> V2HorizontalPodAutoscalerBehavior:
    """Up at once, at most doubling every 15 s; down after five calm minutes only, since loading a model takes time."""
    double = V2HPAScalingPolicy(type="Percent", value=100, period_seconds=15)
    return V2HorizontalPodAutoscalerBehavior(
        scale_up=V2HPAScalingRules(stabilization_window_seconds=0, policies=[double]),
        scale_down=V2HPAScalingRules(stabilization_window_seconds=300),
    )
