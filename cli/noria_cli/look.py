"""Asks for another look at Datasets whose source has changed, by kubectl: with the user's context and rights.

Used by `upload`.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from noria.api.kind import REQUESTED_AT
from noria.contract import ExitCode
from noria_store.error import StepError

KIND = "datasets.noria.dev"
_SECONDS = 60


def command(name: str, namespace: str | None) -> str:
    """What a person enters to ask for a look."""
    place = f" -n {namespace}" if namespace else ""
    return f'kubectl annotate dataset {name}{place} {REQUESTED_AT}="$(date -Is)" --overwrite'


def ask(uris: Sequence[str], namespace: str | None) -> list[str]:
    """Annotate the Datasets that read one of these URIs; their names. Raises StepError where kubectl fails."""
    place = ["-n", namespace] if namespace else []
    found = json.loads(_kubectl(["get", KIND, *place, "-o", "json"]))
    names = [item["metadata"]["name"] for item in found["items"] if _reads(item["spec"], uris)]
    if names:
        moment = f"{REQUESTED_AT}={datetime.now(UTC).isoformat()}"
        _kubectl(["annotate", KIND, *names, *place, moment, "--overwrite"])
    return names


def _reads(spec: dict[str, Any], uris: Iterable[str]) -> bool:
    """Whether an object at one of the URIs is part of the source or the hold-out, which may be a folder above it."""
    read = [part.get("uri") for part in (spec.get("source"), spec.get("holdout")) if part]
    own = [uri.rstrip("/") + "/" for uri in read if uri]
    return any((uri.rstrip("/") + "/").startswith(tuple(own)) for uri in uris)


def _kubectl(arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True)
    except FileNotFoundError:
        raise _failure("kubectl is not installed") from None
    except subprocess.TimeoutExpired:
        raise _failure(f"kubectl did not answer within {_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise _failure(error.stderr.strip() or f"kubectl ended with exit code {error.returncode}") from error
    return done.stdout


def _failure(words: str) -> StepError:
    return StepError(ExitCode.UNAVAILABLE, "NotAsked", f"uploaded, but no Dataset was asked to look again: {words}")
