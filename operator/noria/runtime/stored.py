"""Objects of our kinds as the cache holds them: JSON text, with a tenth of the memory of parsed models."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from noria.api import GROUP, Metadata, Resource
from noria.runtime.cache import Key, Record
from noria.runtime.error import Invalid

R = TypeVar("R", bound=Resource)
_KEPT = tuple(to_camel(name) for name in Metadata.model_fields if name not in ("annotations", "labels"))


def reader(
    kind: type[Resource],
    references: Callable[[dict[str, Any]], tuple[Key, ...]] = lambda _: (),
    *,
    is_mutual: bool = False,
) -> Callable[[dict[str, Any]], Record]:
    """Makes records of bodies of this kind; `references` finds the objects that a body refers to by name.

    `is_mutual` says that those objects read this one as well.
    """

    def read(body: dict[str, Any]) -> Record:
        metadata = body["metadata"]
        kept = {name: metadata[name] for name in _KEPT if name in metadata}
        kept["annotations"] = _ours(metadata.get("annotations") or {})
        content = {"metadata": kept, "spec": body.get("spec", {}), "status": body.get("status", {})}
        return Record(
            Key(kind.kind, metadata["namespace"], metadata["name"]),
            uid=metadata["uid"],
            version=int(metadata["resourceVersion"]),
            generation=metadata.get("generation", 0),
            references=references(body),
            read_by=references(body) if is_mutual else (),
            content=json.dumps(content, separators=(",", ":")),
        )

    return read


def _ours(annotations: Mapping[str, str]) -> dict[str, str]:
    """Those that decisions read; others may take a quarter of a megabyte."""
    return {key: value for key, value in annotations.items() if key.startswith(f"{GROUP}/")}


def stored_body(record: Record) -> dict[str, Any]:
    """The metadata, spec and status of a record that a `reader` made."""
    body: dict[str, Any] = json.loads(record.content)
    return body


def stored_status(record: Record) -> dict[str, Any]:
    """The status of such a record."""
    status: dict[str, Any] = stored_body(record)["status"]
    return status


def referent(kind: type[Resource], body: dict[str, Any], *path: str) -> tuple[Key, ...]:
    """The object of this kind that the reference at this path of the spec names, if there is one."""
    value: Any = body.get("spec")
    for part in (*path, "name"):
        value = value.get(part) if isinstance(value, dict) else None
    return (Key(kind.kind, body["metadata"]["namespace"], value),) if isinstance(value, str) else ()


def parse_referent(kind: type[R], record: Record | None) -> tuple[R | None, str]:
    """The object that another one refers to, if it exists and can be parsed; and why it cannot."""
    try:
        return (parse(kind, record) if record else None), ""
    except Invalid as error:
        return None, str(error)


def parse(kind: type[R], record: Record) -> R:
    """The object of a record that a `reader` made. Raises Invalid, which names the first invalid fields."""
    try:
        return kind.model_validate_json(record.content)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        raise Invalid(f"{problems}. Correct it to match the current schema: kubectl explain {kind.plural}") from error
