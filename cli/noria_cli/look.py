"""Asks for another look at Datasets whose source has changed. Used by `upload`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from noria.api import Dataset
from noria.api.kind import REQUESTED_AT
from noria.contract import ExitCode
from noria.runtime.resource_type import TYPES
from noria_store.error import StepError

if TYPE_CHECKING:
    from noria_cli.cluster.connection import Cluster

TYPE = TYPES[Dataset.kind]


def command(name: str, namespace: str | None) -> str:
    """What a person enters to ask for a look."""
    place = f" -n {namespace}" if namespace else ""
    return f'kubectl annotate dataset {name}{place} {REQUESTED_AT}="$(date -Is)" --overwrite'


def ask(cluster: "Cluster", uris: Sequence[str], now: datetime) -> list[str]:
    """Annotate the Datasets that read one of these URIs; their names. Raises StepError where the cluster refuses."""
    try:
        found = cluster.items(TYPE.path(cluster.namespace))
        names = [item["metadata"]["name"] for item in found if _reads(item["spec"], uris)]
        for name in names:
            metadata = {"annotations": {REQUESTED_AT: now.isoformat()}}
            cluster.merge(TYPE.path(cluster.namespace, name), {"metadata": metadata})
    except StepError as error:
        message = f"uploaded, but no Dataset was asked to look again: {error.message}"
        raise StepError(ExitCode(error.exit_code), "NotAsked", message) from error
    return names


def _reads(spec: dict[str, Any], uris: Iterable[str]) -> bool:
    """Whether an object at one of the URIs is part of the source or the hold-out, which may be a folder above it."""
    read = [part.get("uri") for part in (spec.get("source"), spec.get("holdout")) if part]
    own = [uri.rstrip("/") + "/" for uri in read if uri]
    return any((uri.rstrip("/") + "/").startswith(tuple(own)) for uri in uris)
