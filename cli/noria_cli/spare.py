"""What Models still need of the bucket: used by `purge`, which deletes the rest."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from noria.api import Model
from noria.api.model import ModelStatus
from noria.contract import ExitCode, Verdict
from noria.contract.place import Places, folder_of, revision
from noria.runtime.resource_type import TYPES
from noria_store.error import StepError


def needed(arguments: argparse.Namespace, places: Places) -> tuple[str, ...]:
    """Folders with the artifacts of versions that Models may serve again, and the revisions that proofs of them read.

    The Models are those of the file that `--spare` names, with the output of `kubectl get models --all-namespaces
    -o json`, or `-` for standard input. Without it the cluster is asked for those of the namespace: others may not read
    what is there. Raises StepError where it does not answer, or with something else.
    """
    name: str | None = arguments.spare
    if name is None:
        return _folders(_asked(arguments), places, name="the answer of the cluster")
    try:
        listed = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text())["items"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(name, error) from error
    return _folders(listed, places, name=name)


def _asked(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    from noria_cli.cluster.connection import connect

    try:
        return list(connect(arguments).items(TYPES[Model.kind].path(arguments.namespace)))
    except StepError as error:
        cure = "or give them by --spare FILE, or say --spare-nothing where no Model serves any of it"
        message = f"it is not known what Models of namespace {arguments.namespace} still need: {error.message}; {cure}"
        raise StepError(ExitCode(error.exit_code), "ModelsUnknown", message) from error


def _folders(listed: Iterable[dict[str, Any]], places: Places, *, name: str) -> tuple[str, ...]:
    try:
        return tuple(sorted({each for body in listed for each in _of_model(body, places)}))
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
