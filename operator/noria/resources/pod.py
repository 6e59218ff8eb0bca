"""What every pod of ours has: Pod Security `restricted`, no token, credentials by reference, writable scratch space.

A user's `podTemplate` is merged first, as data, by `placement`; everything of ours is set over it. Parts that are the
same in every pod are made once.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
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
from kubernetes.utils.quantity import parse_quantity

from noria.api.pod_template import PodMetadata, PodTemplate, is_reserved
from noria.contract import NETWORKS_VARIABLE, SCRATCH_PATH, SOURCE_PREFIX, STORE_VARIABLES, order_variables
from noria.resources.installation import Installation

USER = 10001
GPU = "nvidia.com/gpu"
STORAGE = "ephemeral-storage"
STORAGE_REQUEST = "256Mi"
"""Disk of the node that is set aside for a pod; it may use more, up to its limit."""
TMP = V1VolumeMount(name="tmp", mount_path="/tmp")
SCRATCH = V1VolumeMount(name="scratch", mount_path=SCRATCH_PATH)


def pod_spec(template: PodTemplate | None, settings: Installation, **ours: Any) -> V1PodSpec:
    """A pod that goes where the template wants it, is what Pod Security `restricted` admits, and ours otherwise."""
    return V1PodSpec(**{**placement(template, settings), **_restrictions(), **ours})


def placement(template: PodTemplate | None, settings: Installation) -> dict[str, Any]:
    """The fields of a pod's spec that the user's template sets."""
    given = template or PodTemplate()
    secrets = [*settings.image_pull_secrets, *(secret.name for secret in given.image_pull_secrets or ())]
    return {
        "node_selector": given.node_selector,
        "tolerations": [V1Toleration(**each.model_dump(mode="json")) for each in given.tolerations or ()] or None,
        "affinity": V1Affinity.model_validate(given.affinity.to_dict()) if given.affinity else None,
        "priority_class_name": given.priority_class_name,
        "runtime_class_name": given.runtime_class_name,
        "service_account_name": given.service_account_name,
        "image_pull_secrets": [V1LocalObjectReference(name=name) for name in dict.fromkeys(secrets)] or None,
    }


def placement_digest(settings: Installation, *, template: PodTemplate | None = None, queue: str | None = None) -> str:
    """Digest of what decides at present whether a pod can start: where it belongs, its queue, how images are pulled."""
    wanted = [template.to_dict() if template else None, queue, settings.image_pull_policy, settings.image_pull_secrets]
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:8]


def pod_metadata(
    template: PodTemplate | None, labels: dict[str, str], annotations: dict[str, str] | None = None
) -> V1ObjectMeta:
    """The user's labels and annotations, reserved ones left out, and ours over them."""
    given = (template.metadata if template else None) or PodMetadata()
    return V1ObjectMeta(
        labels={**_free(given.labels), **labels},
        annotations={**_free(given.annotations), **(annotations or {})} or None,
    )


def _free(given: Mapping[str, str]) -> dict[str, str]:
    """The schema refuses reserved keys; objects from before it did may still have some."""
    return {key: value for key, value in given.items() if not is_reserved(key)}


@cache
def _restrictions() -> Mapping[str, Any]:
    """No token, no Services' addresses, no root."""
    security = V1PodSecurityContext(
        run_as_non_root=True,
        run_as_user=USER,
        run_as_group=USER,
        fs_group=USER,
        seccomp_profile=V1SeccompProfile(type="RuntimeDefault"),
    )
    return {"automount_service_account_token": False, "enable_service_links": False, "security_context": security}


@cache
def restricted_container() -> V1SecurityContext:
    """What a container may not do: anything beyond its own user, or write to its image."""
    return V1SecurityContext(
        allow_privilege_escalation=False,
        capabilities=V1Capabilities(drop=["ALL"]),
        read_only_root_filesystem=True,
    )


def resources(*, cpu: str, memory: str, storage: str, gpus: int = 0) -> V1ResourceRequirements:
    """CPU has a request and no limit, so that idle cores are used; the memory request is also the limit.

    `storage` limits what the pod writes to the node's disk: its volumes and its log.
    """
    same = {"memory": memory} | ({GPU: str(gpus)} if gpus else {})
    requested = min(STORAGE_REQUEST, storage, key=parse_quantity)
    return V1ResourceRequirements(requests={"cpu": cpu, **same, STORAGE: requested}, limits={**same, STORAGE: storage})


def storage_limit(resources: V1ResourceRequirements) -> str:
    """The `storage` that these resources were made with."""
    return str((resources.limits or {})[STORAGE])


def order_environment(order: str) -> tuple[V1EnvVar, ...]:
    """A step's order. Dollars are doubled: the kubelet would take `$(NAME)` for a variable and `$$` for one dollar."""
    return tuple(V1EnvVar(name=name, value=part.replace("$", "$$")) for name, part in order_variables(order).items())


@cache
def store_environment(secret: str) -> tuple[V1EnvVar, ...]:
    """The object store's address and credentials; absent if pods have an identity of their own."""
    return tuple(_from_secret(key, secret, key, optional=True) for key in STORE_VARIABLES)


def source_environment(secret: str) -> tuple[V1EnvVar, ...]:
    """Credentials of a source. All but address and region are required: the kubelet says which one is missing."""
    required = STORE_VARIABLES[:2]
    return tuple(
        _from_secret(SOURCE_PREFIX + key, secret, key, optional=key not in required) for key in STORE_VARIABLES
    )


def secret_variable(variable: str, secret: str, key: str) -> V1EnvVar:
    """A variable from a Secret that a user names; the kubelet says what is missing."""
    return _from_secret(variable, secret, key, optional=False)


@cache
def network_environment(networks: tuple[str, ...]) -> tuple[V1EnvVar, ...]:
    """Where a container may read what users name, besides the internet."""
    return (V1EnvVar(name=NETWORKS_VARIABLE, value=",".join(networks)),) if networks else ()


@cache
def volumes(*mounts: str, limit: str) -> tuple[V1Volume, ...]:
    """Disk for these mounts, gone with the pod; the kubelet evicts it when one holds more than the limit."""
    return tuple(V1Volume(name=name, empty_dir=V1EmptyDirVolumeSource(size_limit=limit)) for name in mounts)


def _from_secret(variable: str, secret: str, key: str, *, optional: bool) -> V1EnvVar:
    selector = V1SecretKeySelector(name=secret, key=key, optional=optional or None)
    return V1EnvVar(name=variable, value_from=V1EnvVarSource(secret_key_ref=selector))
