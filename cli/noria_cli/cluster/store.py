"""The bucket of a cluster's Noria: reached with the keys of its Secret, which are used and never shown."""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from noria.contract import STORE_SECRET, STORE_VARIABLES, ExitCode
from noria.runtime.resource_type import SERVICE
from noria_cli.cluster.connection import Cluster
from noria_cli.cluster.forward import LOCAL, forwarded
from noria_store.error import StepError
from noria_store.store import Store

PORTS = {"http": 80, "https": 443}


@contextmanager
def bucket(cluster: Cluster) -> Iterator[Store]:
    """The store of the cluster's namespace, while the block runs; by a port-forward where it is a Service."""
    variables = credentials(cluster)
    service = service_of(variables.get("AWS_ENDPOINT_URL", ""), cluster.namespace)
    if service is None or cluster.is_near or not cluster.find(SERVICE.path(service[1], service[0])):
        yield Store.from_environment(environment=variables)
        return
    name, namespace, port = service
    scheme = urlsplit(variables["AWS_ENDPOINT_URL"]).scheme
    with forwarded(cluster, namespace, name, port) as local:
        yield Store.from_environment(environment={**variables, "AWS_ENDPOINT_URL": f"{scheme}://{LOCAL}:{local}"})


def credentials(cluster: Cluster) -> Mapping[str, str]:
    """The AWS_* variables of the namespace's Secret; where it cannot be had, those of the environment."""
    path = f"/api/v1/namespaces/{cluster.namespace}/secrets/{STORE_SECRET}"
    try:
        found = cluster.find(path)
    except StepError as error:
        if error.exit_code != ExitCode.NOT_PERMITTED or not _own():
            raise
        return _own()
    if found is None and _own():
        return _own()
    if found is None:
        message = f"namespace {cluster.namespace} has no Secret {STORE_SECRET}: create it, or set {_variables()}"
        raise StepError(ExitCode.UNAVAILABLE, "NoStore", message)
    data = found.get("data") or {}
    return {name: base64.b64decode(data[name]).decode() for name in STORE_VARIABLES if name in data}


def service_of(endpoint: str, namespace: str) -> tuple[str, str, int] | None:
    """Name, namespace and port of the Service that an endpoint may be; none where it cannot be one."""
    parts = urlsplit(endpoint)
    labels = (parts.hostname or "").split(".")
    is_inside = len(labels) in (1, 2) or labels[2:3] == ["svc"]
    if not labels[0] or labels == ["localhost"] or not is_inside or parts.scheme not in PORTS:
        return None
    return labels[0], labels[1] if len(labels) > 1 else namespace, parts.port or PORTS[parts.scheme]


def _own() -> Mapping[str, str]:
    """What the environment says of a store, if it has keys."""
    given = {name: os.environ[name] for name in STORE_VARIABLES if os.environ.get(name)}
    return given if "AWS_ACCESS_KEY_ID" in given else {}


def _variables() -> str:
    return ", ".join(STORE_VARIABLES)
