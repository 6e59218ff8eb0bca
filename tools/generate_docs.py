"""docs/api.md from the kinds: one table of fields for each spec and status. Used by `generate`."""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator

from noria.api import GROUP, VERSION, Resource
from noria.api.schema import Schema, definition

HEAD = f"""# The kinds of `{GROUP}/{VERSION}`

All kinds are namespaced, and references point to objects in the same namespace. Names have at most 40 characters
(`a-z`, `0-9`, `-`) and start with a letter. `kubectl explain dataset.spec` shows the same descriptions. Fields in
**bold** are required. The API server fills in defaults. `kubectl get noria` lists objects of all kinds.

Every kind has the conditions of kstatus: `Ready` from the first reconcile on, `Reconciling` while work is in progress,
`Stalled` when a person must act, and `Suspended` while the object is suspended. The last three exist only while they
are True. Any kind can have the reason `Rejected`: the API server rejects a child built from the spec, and the message
is the API server's.
"""
REASON = re.compile(r"^([A-Z0-9_]+) = .+  # (.+)$", re.MULTILINE)
"""A reason of a condition, as the kinds' modules write it."""
ELSEWHERE = ("conditions", "affinity")
"""Fields whose own fields are explained on top of the page, or in Kubernetes' documentation."""


def api_page(kinds: Iterable[type[Resource]]) -> str:
    """The whole page."""
    return HEAD + "".join(section(kind) for kind in kinds)


def section(kind: type[Resource]) -> str:
    """A kind with its columns, its fields and its reasons."""
    whole = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    short = ", ".join(f"`{name}`" for name in kind.short_names)
    columns = ", ".join(f"{column.name} ({lower(column.description)})" for column in kind.columns)
    text = f"\n## {kind.kind}\n\n{whole['description']} Short name: {short}. Columns of `kubectl get`: {columns}.\n"
    spec, status = whole["properties"]["spec"], whole["properties"]["status"]
    text += f"\n### {kind.kind}: spec\n\n| field | type | default | meaning |\n|---|---|---|---|\n"
    text += "".join(
        f"| {name} | {type_of(field)} | {default(field)} | {meaning(field)} |\n" for name, field in rows(spec)
    )
    text += f"\n### {kind.kind}: status\n\n| field | type | meaning |\n|---|---|---|\n"
    text += "".join(f"| {name} | {type_of(field)} | {meaning(field)} |\n" for name, field in rows(status))
    text += f"\n### {kind.kind}: reasons\n\n| reason | meaning |\n|---|---|\n"
    module = sys.modules[kind.__module__]
    found = REASON.findall(inspect.getsource(module))
    return text + "".join(f"| `{getattr(module, name)}` | {meaning} |\n" for name, meaning in found)


def rows(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """Each field with its path as a title, depth first, but for `ELSEWHERE`."""
    for name, field in schema["properties"].items():
        path = prefix + name
        yield (f"**`{path}`**" if name in schema.get("required", ()) else f"`{path}`"), field
        inner = field["items"] if field.get("type") == "array" else field
        if "properties" in inner and name not in ELSEWHERE:
            yield from rows(inner, path + ("[]." if inner is not field else "."))


def type_of(field: Schema) -> str:
    """What a value looks like."""
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("x-kubernetes-int-or-string"):
        return "quantity"
    if field.get("type") == "array":
        return f"list of {type_of(field['items'])}s"
    return "map" if "additionalProperties" in field else str(field["type"])


def default(field: Schema) -> str:
    """The default as YAML writes it; that of an object is made of its fields'."""
    value = field.get("default")
    if value is None or isinstance(value, dict):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def meaning(field: Schema) -> str:
    """The description, with bounds and rules."""
    said = [field["description"], bounds(field)]
    said += [f"Rule: {lower(found['message'])}." for found in field.get("x-kubernetes-validations", ())]
    return " ".join(text for text in said if text).replace("|", "\\|")


def bounds(field: Schema) -> str:
    """Smallest and largest value, and longest list."""
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        return f"From {low} to {high}."
    if field.get("type") == "array" and "maxItems" in field and "minItems" not in field:
        return f"At most {field['maxItems']}."
    return ""


def lower(text: str) -> str:
    """The text as a part of a sentence."""
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
