"""The Deployment of a Model: a puller that fetches one verified version, and the server of it.

It never sets `replicas`: the autoscaler owns them. A version is replaced without a failed request: the new pod must be
ready before an old one stops, and an old one keeps answering until the Service has dropped it.
"""

from kubernetes.aio.client import (
    V1Container,
    V1Deployment,
    V1DeploymentSpec,
    V1DeploymentStrategy,
    V1DownwardAPIVolumeFile,
    V1DownwardAPIVolumeSource,
    V1LabelSelector,
    V1ObjectFieldSelector,
    V1PodTemplateSpec,
    V1RollingUpdateDeployment,
    V1TopologySpreadConstraint,
    V1Volume,
    V1VolumeMount,
)

from noria.api import Model
from noria.api.model import VersionStatus
from noria.contract import MODELS_PATH, PullOrder, replaced
from noria.resources import labels, pod
from noria.resources.installation import Installation
from noria.resources.manifest import digest, manifest
from noria.resources.owner import child_metadata
from noria.resources.server import MONITORING_CONFIG, MONITORING_FOLDER, server_container, storage_of

GRACE_SECONDS = 45
"""From SIGTERM to SIGKILL: the Service drops the pod, then open requests are answered."""
PROGRESS_SECONDS = 600
PULLER = "puller"
MODELS = V1VolumeMount(name="models", mount_path=MODELS_PATH)
_PULLER_TMP = V1VolumeMount(name="puller-tmp", mount_path=pod.TMP.mount_path)
_DISKS = (MODELS.name, _PULLER_TMP.name, pod.TMP.name)
_SERVER_MOUNTS = [
    V1VolumeMount(name="models", mount_path=MODELS_PATH, read_only=True),
    V1VolumeMount(name="monitoring", mount_path=MONITORING_FOLDER, read_only=True),
    pod.TMP,
]


def deployment(model: Model, version: VersionStatus, settings: Installation) -> V1Deployment:
    """The Deployment that serves this version."""
    metadata = child_metadata(
        model,
        model.metadata.name,
        labels.child_labels(model.kind, model.metadata.name),
        {labels.ARTIFACT_URI: version.artifact.uri, labels.ARTIFACT_DIGEST: version.artifact.digest},
    )
    return V1Deployment(
        api_version="apps/v1",
        kind="Deployment",
        metadata=metadata,
        spec=V1DeploymentSpec(
            selector=V1LabelSelector(match_labels=selector(model)),
            strategy=V1DeploymentStrategy(
                type="RollingUpdate", rolling_update=V1RollingUpdateDeployment(max_unavailable=0, max_surge=1)
            ),
            progress_deadline_seconds=PROGRESS_SECONDS,
            revision_history_limit=2,
            template=_template(model, version, settings),
        ),
    )


def template_digest(model: Model, version: VersionStatus, settings: Installation) -> str:
    """The annotation of the pods that the version's Deployment makes at present."""
    return str(manifest(_template(model, version, settings))["metadata"]["annotations"][labels.TEMPLATE])


def selector(model: Model) -> dict[str, str]:
    """The labels by which Service, Deployment and disruption budget know the Model's pods."""
    return {labels.MODEL: model.metadata.name}


def _template(model: Model, version: VersionStatus, settings: Installation) -> V1PodTemplateSpec:
    spec = pod.pod_spec(
        None,
        settings,
        termination_grace_period_seconds=GRACE_SECONDS,
        init_containers=[_puller(model, version, settings)],
        containers=[server_container(model, settings, mounts=_SERVER_MOUNTS)],
        volumes=[*pod.volumes(*_DISKS, limit=storage_of(model, settings)), _monitoring()],
        topology_spread_constraints=[_spread(model)],
    )
    pod_labels = labels.child_labels(model.kind, model.metadata.name, version=str(version.version))
    metadata = pod.pod_metadata(None, pod_labels, {labels.MONITORING: MONITORING_CONFIG})
    annotations = {
        **(metadata.annotations or {}),
        labels.TEMPLATE: digest(V1PodTemplateSpec(metadata=metadata, spec=spec)),
    }
    return V1PodTemplateSpec(metadata=replaced(metadata, annotations=annotations), spec=spec)


def _spread(model: Model) -> V1TopologySpreadConstraint:
    """Replicas on different nodes, if possible."""
    return V1TopologySpreadConstraint(
        max_skew=1,
        topology_key="kubernetes.io/hostname",
        when_unsatisfiable="ScheduleAnyway",
        label_selector=V1LabelSelector(match_labels=selector(model)),
    )


def _puller(model: Model, version: VersionStatus, settings: Installation) -> V1Container:
    """Always ours, whatever image the server has: it has the store's keys, and a disk of its own to unpack on."""
    order = PullOrder(
        artifact=version.artifact,
        model=model.metadata.name,
        version=version.version,
        home=settings.home(model.metadata.namespace),
    )
    resources = model.spec.server.resources
    return V1Container(
        name=PULLER,
        image=settings.server_image,
        image_pull_policy=settings.image_pull_policy,
        command=["python", "-m", "noria_serving.puller"],
        env=[
            *pod.order_environment(order.to_json()),
            *pod.store_environment(settings.store_secret),
            *pod.network_environment(settings.source_networks),
        ],
        resources=pod.resources(cpu=resources.cpu, memory=resources.memory, storage=storage_of(model, settings)),
        security_context=pod.restricted_container(),
        termination_message_policy="FallbackToLogsOnError",
        volume_mounts=[MODELS, _PULLER_TMP],
    )


def _monitoring() -> V1Volume:
    """The monitoring file, from the pod's own annotation: no ConfigMap to keep."""
    field = V1ObjectFieldSelector(field_path=f"metadata.annotations['{labels.MONITORING}']")
    item = V1DownwardAPIVolumeFile(path="monitoring.config", field_ref=field)
    return V1Volume(name="monitoring", downward_api=V1DownwardAPIVolumeSource(items=[item]))
