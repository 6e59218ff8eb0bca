"""Children as the API server takes them."""

import hashlib
import json
from typing import Any, Protocol, cast

from noria.contract import replaced
from noria.resources.labels import APPLIED


class Typed(Protocol):
    """A typed model of the Kubernetes client, e.g. V1PodSpec."""

    def model_dump(self, *, mode: str, by_alias: bool, exclude_none: bool) -> dict[str, Any]:
        """The same as data."""


class Child(Typed, Protocol):
    """One of an object of its own, e.g. V1Job."""

    kind: Any
    metadata: Any


def manifest(part: Typed) -> dict[str, Any]:
    """The body of a child or of a part of it, absent fields left out."""
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def digest(part: Typed) -> str:
    """Sixteen hex digits of the body."""
    text = json.dumps(manifest(part), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def signed(child: Child) -> tuple[Child, str]:
    """The child with its digest in an annotation, and the digest."""
    applied = digest(child)
    annotations = {**(child.metadata.annotations or {}), APPLIED: applied}
    metadata = replaced(child.metadata, annotations=annotations)
    return cast("Child", replaced(cast("Any", child), metadata=metadata)), applied
