"""CustomResourceDefinitions of the kinds: pydantic's JSON Schema, made structural as the API server requires.

`make generate` writes them to crds/. Rules: kubernetes.io, "Extend the Kubernetes API", Specifying a structural schema.
"""

from collections.abc import Mapping
from typing import Any

from noria.api.keyword import rule
from noria.api.kind import GROUP, VERSION, PrinterColumn, Resource

Schema = dict[str, Any]

NAME = rule(
    "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    "metadata.name must have at most 40 characters (a-z, 0-9, -), start with a letter and end with a letter or digit",
)
"""Children are named after their owner, and Services want a DNS-1035 label."""
BOUNDS = ("enum", "pattern", "format", "minimum", "maximum")
SIZES = tuple(bound + what for what in ("Length", "Items", "Properties") for bound in ("min", "max"))


def definition(kind: type[Resource]) -> Schema:
    """The CustomResourceDefinition of a kind."""
    singular = kind.kind.lower()
    names = {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": singular,
        "shortNames": list(kind.short_names),
        "categories": ["noria"],
    }
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
        "schema": {"openAPIV3Schema": _root(kind)},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def _column(column: PrinterColumn) -> Schema:
    shown = {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.path,
        "description": column.description,
    }
    return {**shown, "priority": column.priority} if column.priority else shown


def _root(kind: type[Resource]) -> Schema:
    """The schema of the whole object. `status` alone has its default on top: it is absent when an object is made."""
    whole = kind.model_json_schema()
    spec, status = (whole["properties"][part] for part in ("spec", "status"))
    return {
        "type": "object",
        "description": _sentence(whole["description"]),
        **NAME,
        "required": ["spec"],
        "properties": {
            "spec": structural(spec, whole["$defs"], defaults=True),
            "status": {
                **structural(status, whole["$defs"], defaults=False),
                "default": {"observedGeneration": -1},
            },
        },
    }


def structural(schema: Schema, definitions: Mapping[str, Schema], *, defaults: bool) -> Schema:
    """The schema without references, alternatives and titles. `defaults` keeps what the API server fills in.

    Raises TypeError for what may nest without end: a few kB of it are too deep to be parsed.
    """
    schema = _resolved(schema, definitions)
    result: Schema = {key: schema[key] for key in ("type", "description", *BOUNDS, *SIZES) if key in schema}
    if "description" in result:
        result["description"] = _sentence(result["description"])
    if "const" in schema:
        result["enum"] = [schema["const"]]
    if defaults and schema.get("default") not in (None, []):
        result["default"] = _stated(schema["default"])
    result |= {key: value for key, value in schema.items() if key.startswith("x-kubernetes-")}
    return result | _inside(schema, definitions, defaults=defaults)


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The schema with its reference resolved and `null` dropped, since absent means null. Its own keywords win."""
    if "$ref" in schema:
        own = {key: value for key, value in schema.items() if key != "$ref"}
        return _resolved(definitions[schema["$ref"].removeprefix("#/$defs/")] | own, definitions)
    if "anyOf" in schema:
        own = {key: value for key, value in schema.items() if key != "anyOf"}
        options = [option for option in schema["anyOf"] if option.get("type") != "null"]
        if len(options) > 1:
            raise TypeError("a structural schema has no alternatives of types: give the field's schema")
        return _resolved(options[0] | own, definitions)
    return schema


def _inside(schema: Schema, definitions: Mapping[str, Schema], *, defaults: bool) -> Schema:
    """The schemas of a schema's fields, items or values."""
    if "properties" in schema:
        fields = schema["properties"].items()
        required = {"required": list(schema["required"])} if "required" in schema else {}
        return {
            **required,
            "properties": {name: structural(field, definitions, defaults=defaults) for name, field in fields},
        }
    if "prefixItems" in schema:
        return {"items": structural(schema["prefixItems"][0], definitions, defaults=defaults)}
    if "items" in schema:
        return {"items": structural(schema["items"], definitions, defaults=defaults)}
    if schema.get("additionalProperties") is True:
        raise TypeError("a map of anything may nest without end: give its values a type")
    if "additionalProperties" in schema:
        return {"additionalProperties": structural(schema["additionalProperties"], definitions, defaults=defaults)}
    return {}


def _stated(default: Any) -> Any:
    """The default without absent fields. In full, since rules check it before the fields' own defaults apply."""
    if not isinstance(default, dict):
        return default
    return {name: _stated(value) for name, value in default.items() if value not in (None, [])}


def _sentence(text: str) -> str:
    return " ".join(text.split())
