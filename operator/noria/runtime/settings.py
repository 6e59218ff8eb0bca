"""Settings of the operator, by environment variables. `noria-operator --help` prints this page.

`noria.__main__` reads it once and passes it down; nothing else reads the environment.
"""

import socket
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin

from noria.contract import STORE_SECRET

PREFIX = "NORIA_"
SERVICE_ACCOUNT_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def _setting(text: str, default: Any) -> Any:
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings; the variable of `watch_namespaces` is NORIA_WATCH_NAMESPACES, and so on."""

    namespace: str = _setting("Namespace that holds the leader's Lease; in a pod, without it, the pod's own.", "")
    identity: str = _setting("Name of this replica in the Lease; without it the host's name.", "")
    watch_namespaces: tuple[str, ...] = _setting("Namespaces to work in, by commas; none means all.", ())
    bucket: str = _setting("Bucket of the object store for revisions, runs and the experience.", "noria")
    trainer_image: str = _setting("Image of the steps: profile, choose, train, conclude.", "noria/trainer:0.1.0")
    server_image: str = _setting("Image of Noria's own model server and of the puller.", "noria/server:0.1.0")
    tensorflow_serving_image: str = _setting(
        "Image of Models with server.type TensorFlowServing.", "docker.io/tensorflow/serving:2.19.1"
    )
    image_pull_policy: str = _setting("Always, IfNotPresent or Never, for all pods.", "IfNotPresent")
    image_pull_secrets: tuple[str, ...] = _setting("Secrets that pods pull images with, by commas.", ())
    backbones: str = _setting('Pretrained weights as JSON: [{"name","uri","digest"}, ...].', "[]")
    gpu_trainer_image: str = _setting("Image of trials with GPUs; without it the trainer image.", "")
    step_cpu: str = _setting("CPU that profile, choose and conclude ask for.", "100m")
    step_memory: str = _setting("Memory that profile, choose and conclude may use.", "2Gi")
    store_secret: str = _setting("Secret with the object store's address, in the pods' namespaces.", STORE_SECRET)
    seed: int = _setting("Seed of choice and training.", 0)
    exploration: float = _setting("How often, 0 to 1, the last of a learned choice is one to learn from.", 0.0)
    landmark_seconds: float = _setting("CPU time of a profile for quick scores that help to choose; 0: none.", 60.0)
    cluster_domain: str = _setting("DNS domain of Services, for the URLs of Models.", "cluster.local")
    workers: int = _setting("Objects that are worked on at the same time.", 32)
    settle_seconds: float = _setting(
        "Wait after a change of a child, so that changes that come together cost one reconcile.", 0.2
    )
    progress_seconds: float = _setting("Shortest time between two writes of a status that only show progress.", 5.0)
    retry_seconds: float = _setting("First wait after a failed reconcile; each further one doubles.", 1.0)
    retry_seconds_max: float = _setting("Longest wait after failed reconciles.", 300.0)
    request_seconds: float = _setting("Longest time for one request to the API server.", 30.0)
    compare_seconds: float = _setting("Time between comparisons of the cache with the API server.", 300.0)
    lease_name: str = _setting("Name of the leader's Lease.", "noria-operator")
    lease_seconds: int = _setting("A leader unheard of for so long is replaced.", 30)
    renew_seconds: int = _setting("A leader that cannot renew its Lease for so long exits.", 20)
    retry_lease_seconds: int = _setting("Time between tries to take or renew the Lease.", 2)
    listen_port: int = _setting("Port of /healthz, /readyz and /metrics.", 8080)
    log_level: str = _setting("debug, info, warning or error.", "info")
    log_format: str = _setting("json, or text for people.", "json")

    def __post_init__(self) -> None:
        if self.landmark_seconds < 0:
            raise ValueError(f"{variable('landmark_seconds')} is {self.landmark_seconds}: 0 or more is needed")
        if not 0 <= self.exploration <= 1:
            raise ValueError(f"{variable('exploration')} is {self.exploration}: a number from 0 to 1 is needed")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings in these variables; ValueError names the variable that cannot be read."""
        given: dict[str, Any] = {
            one.name: _parse(one, environment[variable(one.name)])
            for one in fields(cls)
            if environment.get(variable(one.name), "") != ""
        }
        given.setdefault("namespace", _own_namespace())
        given.setdefault("identity", socket.gethostname())
        return cls(**given)


def variable(name: str) -> str:
    """The environment variable of the setting of this name."""
    return PREFIX + name.upper()


def describe() -> str:
    """All variables with their meaning and default, as `--help` and docs/operations.md show them."""
    return "\n".join(
        f"{variable(one.name)}\n    {one.metadata['text']} Default: {_shown(one.default)}." for one in fields(Settings)
    )


def _parse(one: "Field[Any]", text: str) -> Any:
    kind: Any = one.type
    if get_origin(kind) is tuple and get_args(kind)[0] is str:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return kind(text)
    except ValueError as error:
        raise ValueError(f"{variable(one.name)} is {text!r}: {kind.__name__} is needed") from error


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return str(value) or "none"


def _own_namespace() -> str:
    if SERVICE_ACCOUNT_NAMESPACE.exists():
        return SERVICE_ACCOUNT_NAMESPACE.read_text().strip()
    return "default"
