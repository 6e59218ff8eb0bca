"""What every pod of ours has: Pod Security `restricted`, no token, credentials by reference, writable scratch space.

A user's `podTemplate` is merged first, as data, by `start`; everything of ours is set after it. Used by `step_job` and
`deployment`.
"""

from typing import Any

from kubernetes.aio.client import (
    V1Affinity,
    V1Capabilities,
    V1EmptyDirVolumeSource,
    V1EnvVar,
    V1EnvVarSource,
    V1LocalObjectReference,
    V1ObjectMeta,
    V1PodSecurityContext,
    V1PodSpec,
    V1ResourceRequirements,
    V1SeccompProfile,
    V1SecretKeySelector,
    V1SecurityContext,
    V1Toleration,
    V1Volume,
    V1VolumeMount,
)
from pydantic import ValidationError

from noria.api.pod_template import PodMetadata, PodTemplate
from noria.contract import ORDER_VARIABLE, SCRATCH_PATH, STORE_VARIABLES
from noria.resources.settings import Settings

USER = 10001
GPU = "nvidia.com/gpu"
TMP = V1VolumeMount(name="tmp", mount_path="/tmp")
SCRATCH = V1VolumeMount(name="scratch", mount_path=SCRATCH_PATH)


def start(template: PodTemplate | None, settings: Settings) -> V1PodSpec:
    """A pod without containers, as the user's template wants it. ValueError where the template is no pod's."""
    given = template or PodTemplate()
    secrets = [*settings.image_pull_secrets, *(secret.name for secret in given.image_pull_secrets or ())]
    return V1PodSpec(
        containers=[],
        node_selector=given.node_selector,
        tolerations=[V1Toleration(**each.model_dump(mode="json")) for each in given.tolerations or ()] or None,
        affinity=_affinity(given.affinity) if given.affinity else None,
        priority_class_name=given.priority_class_name,
        runtime_class_name=given.runtime_class_name,
        service_account_name=given.service_account_name,
        image_pull_secrets=[V1LocalObjectReference(name=name) for name in dict.fromkeys(secrets)] or None,
    )


def _affinity(given: dict[str, Any]) -> V1Affinity:
    try:
        return V1Affinity.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"affinity.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def pod_metadata(
    template: PodTemplate | None, labels: dict[str, str], annotations: dict[str, str] | None = None
) -> V1ObjectMeta:
    """The user's labels and annotations, and ours over them."""
    given = (template.metadata if template else None) or PodMetadata()
    return V1ObjectMeta(
        labels={**given.labels, **labels}, annotations={**given.annotations, **(annotations or {})} or None
    )


def restrict(spec: V1PodSpec) -> None:
    """Make the pod one that Pod Security `restricted` admits, without a token and without the Services' addresses."""
    spec.automount_service_account_token = False
    spec.enable_service_links = False
    spec.security_context = V1PodSecurityContext(
        run_as_non_root=True,
        run_as_user=USER,
        run_as_group=USER,
        fs_group=USER,
        seccomp_profile=V1SeccompProfile(type="RuntimeDefault"),
    )


def restricted_container() -> V1SecurityContext:
    """What a container may not do: anything beyond its own user, or write to its image."""
    return V1SecurityContext(
        allow_privilege_escalation=False,
        capabilities=V1Capabilities(drop=["ALL"]),
        read_only_root_filesystem=True,
    )


def resources(*, cpu: str, memory: str, gpus: int = 0) -> V1ResourceRequirements:
    """CPU is asked for and not limited, so that idle cores are used; memory asked for is the limit; GPUs are whole."""
    limits = {"memory": memory} | ({GPU: str(gpus)} if gpus else {})
    return V1ResourceRequirements(requests={"cpu": cpu, **limits}, limits=limits)


def order_variable(order: str) -> V1EnvVar:
    """A step's order. Dollars are doubled: the kubelet would take `$(NAME)` for a variable and `$$` for one dollar."""
    return V1EnvVar(name=ORDER_VARIABLE, value=order.replace("$", "$$"))


def store_environment(settings: Settings) -> list[V1EnvVar]:
    """The object store's address and credentials; absent where pods have an identity of their own."""
    return [_from_secret(key, settings.store_secret, key, optional=True) for key in STORE_VARIABLES]


def secret_environment(secret: str, *, prefix: str) -> list[V1EnvVar]:
    """Credentials of a source. The keys must be there but for the address and region: the kubelet says which is not."""
    return [_from_secret(prefix + key, secret, key, optional=key not in STORE_VARIABLES[:2]) for key in STORE_VARIABLES]


def empty_volume(mount: V1VolumeMount) -> V1Volume:
    """Disk for a mount, gone with the pod."""
    return V1Volume(name=mount.name, empty_dir=V1EmptyDirVolumeSource())


def _from_secret(variable: str, secret: str, key: str, *, optional: bool) -> V1EnvVar:
    selector = V1SecretKeySelector(name=secret, key=key, optional=optional or None)
    return V1EnvVar(name=variable, value_from=V1EnvVarSource(secret_key_ref=selector))
