"""What Models still need of the bucket: used by `purge`, which deletes the rest."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from noria.api.model import ModelStatus
from noria.contract import ExitCode, Verdict
from noria.contract.place import Places, folder_of, revision
from noria_store.error import StepError


def needed(models: str, places: Places) -> tuple[str, ...]:
    """Folders with the artifacts of versions that Models may serve again, and the revisions that proofs of them read.

    `models` is a file with the output of `kubectl get models --all-namespaces -o json`, or `-` for standard input.
    Raises StepError where it is something else.
    """
    try:
        text = sys.stdin.read() if models == "-" else Path(models).read_text()
        return tuple(sorted({each for body in json.loads(text)["items"] for each in _of_model(body, places)}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{models} is not the output of kubectl get models --all-namespaces -o json: {error}"
        raise StepError(ExitCode.BAD_ORDER, "BadArgument", message) from error


def _of_model(body: dict[str, Any], places: Places) -> Iterator[str]:
    """The folders of one Model; a rejected version needs none."""
    status = ModelStatus.model_validate(body.get("status") or {})
    for version in status.versions:
        if version.verdict is None or version.verdict.result is not Verdict.REJECTED:
            yield folder_of(version.artifact.uri)
            if version.dataset and version.revision:
                yield revision(places.dataset(body["metadata"]["namespace"], version.dataset), version.revision)
