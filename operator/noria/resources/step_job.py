"""The Job of any step: one pod, an order in its environment, and what each exit code means for the Job."""

from dataclasses import dataclass
from functools import cache

from kubernetes.aio.client import (
    V1Container,
    V1ContainerPort,
    V1EnvVar,
    V1Job,
    V1JobSpec,
    V1ObjectMeta,
    V1PodFailurePolicy,
    V1PodFailurePolicyOnExitCodesRequirement,
    V1PodFailurePolicyOnPodConditionsPattern,
    V1PodFailurePolicyRule,
    V1PodTemplateSpec,
    V1Probe,
    V1ResourceRequirements,
)

from noria.api.pod_template import PodTemplate
from noria.contract import METRICS_PORT, PERMANENT, SCRATCH_PATH, Order, replaced
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import QUEUE

GRACE_SECONDS = 90
"""Time to store a checkpoint when the pod must go."""


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """What is particular to a step's Job."""

    order: Order
    image: str
    resources: V1ResourceRequirements
    deadline: int | None
    """Seconds that each of its pods may run, if that is limited."""
    retries: int = 0
    """Further pods after failures that may be temporary."""
    environment: tuple[V1EnvVar, ...] = ()
    queue: str | None = None
    """Kueue LocalQueue that admits the Job."""
    readiness: V1Probe | None = None
    """When its pod says that it has come as far as others wait for."""


def short_step(order: Order, image: str, settings: Installation, environment: tuple[V1EnvVar, ...] = ()) -> StepSpec:
    """A step with the limits that the installation sets: any but train."""
    return StepSpec(
        order=order,
        image=image,
        resources=pod.resources(
            cpu=settings.step_cpu, memory=settings.step_memory, storage=settings.step_ephemeral_storage
        ),
        deadline=settings.step_seconds,
        environment=environment,
    )


def step_job(step: StepSpec, *, metadata: V1ObjectMeta, template: PodTemplate | None, settings: Installation) -> V1Job:
    """The Job of a step; its pod starts from the user's template."""
    spec = pod.pod_spec(
        template,
        settings,
        restart_policy="Never",
        active_deadline_seconds=step.deadline,
        termination_grace_period_seconds=GRACE_SECONDS,
        containers=[_container(step, settings)],
        volumes=[*pod.volumes(pod.SCRATCH.name, pod.TMP.name, limit=pod.storage_limit(step.resources))],
    )
    pod_metadata = pod.pod_metadata(template, metadata.labels or {})
    return V1Job(
        api_version="batch/v1",
        kind="Job",
        metadata=_queued(metadata, step.queue),
        spec=V1JobSpec(
            backoff_limit=step.retries,
            pod_failure_policy=_failure_policy(),
            pod_replacement_policy="Failed",
            template=V1PodTemplateSpec(metadata=pod_metadata, spec=spec),
        ),
    )


def _queued(metadata: V1ObjectMeta, queue: str | None) -> V1ObjectMeta:
    """Kueue admits the Job; its pods carry no label of a queue, or they would wait a second time."""
    labels = {**(metadata.labels or {}), **({QUEUE: queue} if queue else {})}
    return replaced(metadata, labels=labels)


def _container(step: StepSpec, settings: Installation) -> V1Container:
    return V1Container(
        name=step.order.step,
        image=step.image,
        image_pull_policy=settings.image_pull_policy,
        command=["python", "-m", "noria_trainers", step.order.step],
        env=[
            *pod.order_environment(step.order.to_json()),
            V1EnvVar(name="HOME", value=SCRATCH_PATH),
            *pod.store_environment(settings.store_secret),
            *step.environment,
        ],
        ports=[V1ContainerPort(name="metrics", container_port=METRICS_PORT)],
        readiness_probe=step.readiness,
        resources=step.resources,
        security_context=pod.restricted_container(),
        termination_message_policy="FallbackToLogsOnError",
        volume_mounts=[pod.SCRATCH, pod.TMP],
    )


@cache
def _failure_policy() -> V1PodFailurePolicy:
    """Disruptions do not count; permanent exit codes end the Job; the rest is retried."""
    disrupted = V1PodFailurePolicyOnPodConditionsPattern(type="DisruptionTarget", status="True")
    codes = V1PodFailurePolicyOnExitCodesRequirement(operator="In", values=list(map(int, PERMANENT)))
    return V1PodFailurePolicy(
        rules=[
            V1PodFailurePolicyRule(action="Ignore", on_pod_conditions=[disrupted]),
            V1PodFailurePolicyRule(action="FailJob", on_exit_codes=codes),
        ]
    )
