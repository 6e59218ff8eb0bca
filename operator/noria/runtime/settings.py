"""Settings of the operator, from environment variables. `noria-operator --help` prints them.

`noria.__main__` reads them once and passes them down; nothing else reads the environment.
"""

import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from noria.api.kind import QUANTITY
from noria.contract import Backbone
from noria.resources.installation import Installation, setting

PREFIX = "NORIA_"
SERVICE_ACCOUNT_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_BACKBONES: TypeAdapter[tuple[Backbone, ...]] = TypeAdapter(tuple[Backbone, ...])


@dataclass(frozen=True, kw_only=True)
class OperatorSettings:
    """All settings; the variable of `watch_namespaces` is NORIA_WATCH_NAMESPACES, and so on."""

    namespace: str = setting("Namespace of the leader election Lease; if empty, the pod's own.", "")
    identity: str = setting("Name of this replica in the Lease; if empty, the host name.", "")
    watch_namespaces: tuple[str, ...] = setting("Comma-separated namespaces to work in; if empty, all.", ())
    installation: Installation = field(default_factory=Installation)
    workers: int = setting("Number of objects to reconcile at the same time.", 32)
    settle_seconds: float = setting(
        "Delay in seconds after a child has changed, so that a burst of changes costs one reconcile.", 0.2
    )
    progress_seconds: float = setting("Minimum seconds between two status writes that only show progress.", 5.0)
    retry_seconds: float = setting("Backoff in seconds after a failed reconcile; it doubles with each failure.", 1.0)
    retry_seconds_max: float = setting("Maximum backoff in seconds after failed reconciles.", 300.0)
    request_seconds: float = setting("Timeout in seconds of a request to the API server.", 30.0)
    compare_seconds: float = setting("Seconds between comparisons of the cache with the API server.", 300.0)
    presence_seconds: float = setting(
        "Seconds between looks for what objects have in the bucket, by a short pod in each namespace; 0 for none.",
        300.0,
    )
    lease_name: str = setting("Name of the leader election Lease.", "noria-operator")
    lease_seconds: int = setting("A leader that has not renewed its Lease for this many seconds is replaced.", 30)
    renew_seconds: int = setting("A leader that cannot renew its Lease for this many seconds exits.", 20)
    retry_lease_seconds: int = setting("Seconds between attempts to acquire or renew the Lease.", 2)
    listen_port: int = setting("Port of /healthz, /readyz and /metrics.", 8080)
    log_level: str = setting("Log level: debug, info, warning or error.", "info")
    log_format: str = setting("Log format: json, or text for reading in a terminal.", "json")

    def __post_init__(self) -> None:
        known = self.installation
        if known.landmark_seconds < 0:
            raise ValueError(f"{variable('landmark_seconds')} must be 0 or more, not {known.landmark_seconds}")
        if self.presence_seconds < 0:
            raise ValueError(f"{variable('presence_seconds')} must be 0 or more, not {self.presence_seconds}")
        if known.step_seconds < 1:
            raise ValueError(f"{variable('step_seconds')} must be 1 or more, not {known.step_seconds}")
        for name in ("step_cpu", "step_memory", "step_ephemeral_storage", "server_ephemeral_storage"):
            if not re.match(QUANTITY, getattr(known, name)):
                raise ValueError(
                    f"{variable(name)} must be a quantity such as 500m or 2Gi, not {getattr(known, name)!r}"
                )
        if not 0 <= known.exploration <= 1:
            raise ValueError(f"{variable('exploration')} must be a number from 0 to 1, not {known.exploration}")

        for network in known.source_networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise ValueError(f"{variable('source_networks')} must hold networks: {error}") from error

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "OperatorSettings":
        """The settings in these variables; ValueError names the variable that cannot be read."""
        given = {"namespace": _own_namespace(), "identity": socket.gethostname(), **_given(cls, environment)}
        return cls(installation=Installation(**_given(Installation, environment)), **given)


def variable(name: str) -> str:
    """The environment variable of the setting of this name."""
    return PREFIX + name.upper()


def variables() -> tuple[str, ...]:
    """The environment variables of all settings."""
    return tuple(variable(one.name) for one in _settings())


def describe() -> str:
    """All variables with their descriptions and defaults, as `--help` shows them."""
    return "\n".join(
        f"{variable(one.name)}\n    {one.metadata['text']} Default: {_shown(one.default)}." for one in _settings()
    )


def _settings() -> Iterator["Field[Any]"]:
    """Every setting, those of the installation in their place."""
    for one in fields(OperatorSettings):
        yield from [one] if one.metadata else fields(Installation)


def _given(kind: type, environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings of a class that the environment has values for, by name."""
    return {
        one.name: _parse(one, environment[variable(one.name)])
        for one in fields(kind)
        if one.metadata and environment.get(variable(one.name), "") != ""
    }


def _parse(one: "Field[Any]", text: str) -> Any:
    kind: Any = one.type
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind == tuple[Backbone, ...]:
        kind = _backbones
    if isinstance(kind, type) and issubclass(kind, StrEnum) and text not in set(kind):
        raise ValueError(f"{variable(one.name)} must be one of {', '.join(kind)}, not {text!r}")
    try:
        return kind(text)
    except ValueError as error:
        wanted = {int: "an integer", float: "a number", _backbones: "JSON as shown by --help"}[kind]
        raise ValueError(f"{variable(one.name)} must be {wanted}, not {text!r}") from error


def _backbones(text: str) -> tuple[Backbone, ...]:
    return _BACKBONES.validate_json(text)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return str(value) or "none"


def _own_namespace() -> str:
    if SERVICE_ACCOUNT_NAMESPACE.exists():
        return SERVICE_ACCOUNT_NAMESPACE.read_text().strip()
    return "default"
