"""What Models still need of the bucket: used by `purge`, which deletes the rest."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from noria.api.model import ModelStatus
from noria.contract import ExitCode, Verdict
from noria.contract.place import Places, folder_of, revision
from noria_cli.kubectl import KubectlFailed, kubectl
from noria_store.error import StepError


def needed(models: str | None, places: Places, namespace: str) -> tuple[str, ...]:
    """Folders with the artifacts of versions that Models may serve again, and the revisions that proofs of them read.

    `models` is a file with the output of `kubectl get models --all-namespaces -o json`, or `-` for standard input.
    Without it kubectl is asked for those of the namespace: others may not read what is there. Raises StepError where it
    does not answer, or with something else.
    """
    if models is None:
        return _folders(_asked(namespace), places, name="the answer of kubectl")
    try:
        text = sys.stdin.read() if models == "-" else Path(models).read_text()
    except (OSError, ValueError) as error:
        raise _unreadable(models, error) from error
    return _folders(text, places, name=models)


def _asked(namespace: str) -> str:
    try:
        return kubectl("get", "models.noria.dev", "--namespace", namespace, "-o", "json")
    except KubectlFailed as error:
        cure = "give them by --spare FILE, or say --spare-nothing where no Model serves any of it"
        message = f"it is not known what Models of namespace {namespace} still need: {error}; {cure}"
        raise StepError(ExitCode.UNAVAILABLE, "ModelsUnknown", message) from error


def _folders(text: str, places: Places, *, name: str) -> tuple[str, ...]:
    try:
        return tuple(sorted({each for body in json.loads(text)["items"] for each in _of_model(body, places)}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> StepError:
    message = f"{name} is not the output of kubectl get models --all-namespaces -o json: {error}"
    return StepError(ExitCode.BAD_ORDER, "BadArgument", message)


def _of_model(body: dict[str, Any], places: Places) -> Iterator[str]:
    """The folders of one Model; a rejected version needs none."""
    status = ModelStatus.model_validate(body.get("status") or {})
    for version in status.versions:
        if version.verdict is None or version.verdict.result is not Verdict.REJECTED:
            yield folder_of(version.artifact.uri)
            if version.dataset and version.revision:
                yield revision(places.dataset(body["metadata"]["namespace"], version.dataset), version.revision)
