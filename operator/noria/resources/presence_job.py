"""The Job that says which objects of a namespace are absent from the bucket. Used by `runtime.presence`.

It belongs to no object, since it asks for many, and is deleted by itself.
"""

from collections.abc import Sequence

from kubernetes.aio.client import V1Container, V1EnvVar, V1Job, V1JobSpec, V1ObjectMeta, V1PodTemplateSpec

from noria.contract import PresenceOrder
from noria.resources import pod
from noria.resources.installation import Installation
from noria.resources.labels import MANAGED_BY, NORIA, STEP

PREFIX = "noria-presence-"
DEADLINE_SECONDS, TTL_SECONDS = 300, 60
"""How long it may take, and how long it stays."""


def presence_job(namespace: str, part: str, uris: Sequence[str], settings: Installation) -> V1Job:
    """A Job in the namespace; `part` tells it from others there."""
    labels = {MANAGED_BY: NORIA, STEP: "presence"}
    container = V1Container(
        name="presence",
        image=settings.trainer_image,
        image_pull_policy=settings.image_pull_policy,
        command=["python", "-m", "noria_store.presence"],
        env=[
            *pod.order_environment(PresenceOrder(uris=tuple(uris)).to_json()),
            V1EnvVar(name="HOME", value=pod.TMP.mount_path),
            *pod.store_environment(settings.store_secret),
        ],
        resources=pod.resources(cpu="10m", memory="256Mi", storage=settings.step_ephemeral_storage),
        security_context=pod.restricted_container(),
        volume_mounts=[pod.TMP],
    )
    spec = pod.pod_spec(
        None,
        settings,
        restart_policy="Never",
        containers=[container],
        volumes=[*pod.volumes(pod.TMP.name, limit=settings.step_ephemeral_storage)],
    )
    return V1Job(
        api_version="batch/v1",
        kind="Job",
        metadata=V1ObjectMeta(name=PREFIX + part, namespace=namespace, labels=labels),
        spec=V1JobSpec(
            backoff_limit=0,
            active_deadline_seconds=DEADLINE_SECONDS,
            ttl_seconds_after_finished=TTL_SECONDS,
            template=V1PodTemplateSpec(metadata=V1ObjectMeta(labels=labels), spec=spec),
        ),
    )
