"""Asks for another look at Datasets whose source has changed, by kubectl: with the user's context and rights.

Used by `upload`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from noria.api.kind import REQUESTED_AT
from noria.contract import ExitCode
from noria_cli.kubectl import KubectlFailed, kubectl
from noria_store.error import StepError

KIND = "datasets.noria.dev"


def command(name: str, namespace: str | None) -> str:
    """What a person enters to ask for a look."""
    place = f" -n {namespace}" if namespace else ""
    return f'kubectl annotate dataset {name}{place} {REQUESTED_AT}="$(date -Is)" --overwrite'


def ask(uris: Sequence[str], namespace: str | None) -> list[str]:
    """Annotate the Datasets that read one of these URIs; their names. Raises StepError where kubectl fails."""
    place = ["-n", namespace] if namespace else []
    try:
        found = json.loads(kubectl("get", KIND, *place, "-o", "json"))
        names = [item["metadata"]["name"] for item in found["items"] if _reads(item["spec"], uris)]
        if names:
            moment = f"{REQUESTED_AT}={datetime.now(UTC).isoformat()}"
            kubectl("annotate", KIND, *names, *place, moment, "--overwrite")
    except KubectlFailed as error:
        message = f"uploaded, but no Dataset was asked to look again: {error}"
        raise StepError(ExitCode.UNAVAILABLE, "NotAsked", message) from error
    return names


def _reads(spec: dict[str, Any], uris: Iterable[str]) -> bool:
    """Whether an object at one of the URIs is part of the source or the hold-out, which may be a folder above it."""
    read = [part.get("uri") for part in (spec.get("source"), spec.get("holdout")) if part]
    own = [uri.rstrip("/") + "/" for uri in read if uri]
    return any((uri.rstrip("/") + "/").startswith(tuple(own)) for uri in uris)
