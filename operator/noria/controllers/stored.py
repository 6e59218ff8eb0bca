"""Which objects in the object store a status names: what is looked for at intervals, see `runtime.presence`."""

from collections.abc import Iterator
from typing import Any

from noria.contract.place import MANIFEST, folder_of
from noria.runtime.cache import Key
from noria.runtime.presence import STORED

Body = dict[str, Any]


def manifest_uri(status: Body) -> str | None:
    """The manifest of the revision that a Dataset's status names: written last, and beside its profile."""
    uri = status.get("profileURI")
    return folder_of(uri) + MANIFEST if isinstance(uri, str) and status.get("revision") else None


def of_dataset(body: Body) -> tuple[Key, ...]:
    """The manifest of a Dataset's revision."""
    return _keys(body, manifest_uri(body.get("status") or {}))


def of_training_job(body: Body) -> tuple[Key, ...]:
    """The artifact of a TrainingJob's result."""
    return _keys(body, _artifact((body.get("status") or {}).get("best")))


def of_model(body: Body) -> tuple[Key, ...]:
    """The artifacts of a Model's versions."""
    versions = (body.get("status") or {}).get("versions") or ()
    return _keys(body, *(_artifact(version) for version in versions))


def _artifact(part: Any) -> str | None:
    artifact = part.get("artifact") if isinstance(part, dict) else None
    return artifact.get("uri") if isinstance(artifact, dict) else None


def _keys(body: Body, *uris: str | None) -> tuple[Key, ...]:
    return tuple(_distinct(Key(STORED, body["metadata"]["namespace"], uri) for uri in uris if isinstance(uri, str)))


def _distinct(keys: Iterator[Key]) -> dict[Key, None]:
    return dict.fromkeys(keys)
