"""The CRDs: structural, described, and what lies in crds/."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import ConfigDict, Field

from noria.api import KINDS, Resource
from noria.api.keyword import list_map, rule
from noria.api.kind import Part, Quantity
from noria.api.schema import definition, structural
from noria.contract import GivenParameter, Parameter

ROOT = Path(__file__).resolve().parents[3]
every_kind = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.kind) for kind in KINDS])


def fields(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field below a schema, with its path."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}.{name}", field
        yield from fields(field, f"{path}.{name}")
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from fields(schema["items"], f"{path}[]")


def root(kind: type[Resource]) -> dict[str, Any]:
    """The schema of a whole object."""
    whole: dict[str, Any] = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return whole


@every_kind
def test_the_committed_crd_is_the_generated_one(kind: type[Resource]) -> None:
    assert yaml.safe_load((ROOT / f"crds/{kind.plural}.yaml").read_text()) == definition(kind)


@every_kind
def test_every_field_says_what_it_is(kind: type[Resource]) -> None:
    silent = [path for path, field in fields(root(kind)) if not path.endswith("[]") and not field.get("description")]
    assert silent == []


@every_kind
def test_nothing_is_left_that_a_structural_schema_does_not_know(kind: type[Resource]) -> None:
    foreign = {"$ref", "anyOf", "allOf", "oneOf", "title", "const", "prefixItems", "nullable"}
    assert [path for path, field in fields(root(kind)) if foreign & field.keys()] == []


@every_kind
def test_only_specs_have_defaults_and_status_as_a_whole(kind: type[Resource]) -> None:
    defaults = [path for path, field in fields(root(kind)) if "default" in field and path.startswith(".status")]
    assert defaults == [".status"]
    assert root(kind)["properties"]["status"]["default"] == {"observedGeneration": -1}


@every_kind
def test_conditions_are_told_apart_by_their_type(kind: type[Resource]) -> None:
    conditions = root(kind)["properties"]["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert set(conditions["items"]["required"]) == {"type", "status", "reason", "lastTransitionTime"}


@every_kind
def test_columns_show_what_exists(kind: type[Resource]) -> None:
    known = {path for path, _ in fields(root(kind))}
    paths = [column.path.replace("[-1:]", "[]").partition("[?")[0] for column in kind.columns]
    assert [path for path in paths if path not in known and not path.startswith(".metadata")] == []


class Inner(Part):
    """An inner part."""

    model_config = ConfigDict(json_schema_extra=rule("self.a > 0", "a is positive"))

    a: int = 1
    """A number."""


class Example(Part):
    """Every shape that our kinds use."""

    optional: str | None = Field(default=None, max_length=5)
    """Text."""
    choice: Literal["x", "y"] = "x"
    """One of two."""
    only: Literal["z"]
    """One of one."""
    pair: tuple[float, float] = (0.0, 1.0)
    """Two numbers."""
    parts: tuple[Inner, ...] = Field(default=(), json_schema_extra=list_map("a"))
    """Several parts."""
    part: Inner = Inner()
    """A part, in
    two lines."""
    parameters: dict[str, GivenParameter] = Field(default_factory=dict)
    """Scalars by name."""
    amount: Quantity = "1"
    """An amount."""
    off: bool = False
    """A switch."""


class Nested(Part):
    """A map of anything."""

    anything: dict[str, Any] = Field(default_factory=dict)
    """Any object."""


class Either(Part):
    """Alternatives without a schema."""

    value: Parameter
    """A scalar."""


INNER = {
    "type": "object",
    "properties": {"a": {"type": "integer", "description": "A number.", "default": 1}},
    "x-kubernetes-validations": [{"rule": "self.a > 0", "message": "a is positive"}],
}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("optional", {"type": "string", "maxLength": 5}, id="an optional field is simply not required"),
        pytest.param("choice", {"type": "string", "enum": ["x", "y"], "default": "x"}, id="a literal is an enum"),
        pytest.param("only", {"type": "string", "enum": ["z"]}, id="also with one value"),
        pytest.param(
            "pair",
            {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}, "default": [0.0, 1.0]},
            id="a pair is a list of two",
        ),
        pytest.param(
            "parts",
            {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a"],
                "items": INNER | {"description": "An inner part."},
            },
            id="an empty list is no default",
        ),
        pytest.param("part", INNER | {"default": {"a": 1}}, id="a part's default is whole and its rule stays"),
        pytest.param(
            "parameters",
            {
                "type": "object",
                "additionalProperties": {
                    "x-kubernetes-preserve-unknown-fields": True,
                    "maxLength": 64,
                    "maxItems": 0,
                    "maxProperties": 0,
                },
            },
            id="a scalar of any type is what neither list nor object is",
        ),
        pytest.param("off", {"type": "boolean", "default": False}, id="false is a default"),
    ],
)
def test_a_field_becomes_structural(field: str, expected: dict[str, Any]) -> None:
    whole = Example.model_json_schema()
    made = structural(whole, whole["$defs"], defaults=True)["properties"][field]
    made.pop("description")
    assert made == expected


@pytest.mark.parametrize("part", [Nested, Either])
def test_what_may_nest_without_end_is_refused(part: type[Part]) -> None:
    with pytest.raises(TypeError, match=r"may nest without end|no alternatives"):
        structural(part.model_json_schema(), {}, defaults=True)


def values(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value below a schema, those of maps included, with its path."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from values(inner, f"{path}.{name}")
    for key, sign in (("items", "[]"), ("additionalProperties", "{}")):
        if key in schema:
            yield path + sign, schema[key]
            yield from values(schema[key], path + sign)


def is_bounded(schema: dict[str, Any]) -> bool:
    """Whether the size of a value is bounded, apart from what it contains."""
    if schema.get("type") is None:
        return "maxLength" in schema and ("x-kubernetes-int-or-string" in schema or schema["maxProperties"] == 0)
    wanted = {
        "string": {"maxLength"},
        "array": {"maxItems"},
        "integer": {"minimum", "maximum"},
        "number": {"minimum", "maximum"},
        "object": set() if "properties" in schema else {"maxProperties"},
        "boolean": set[str](),
    }
    return "enum" in schema or wanted[schema["type"]] <= schema.keys()


@every_kind
def test_every_value_of_a_spec_is_bounded(kind: type[Resource]) -> None:
    spec = root(kind)["properties"]["spec"]
    assert [path for path, inner in values(spec) if not is_bounded(inner)] == []


def test_a_description_is_one_line() -> None:
    whole = Example.model_json_schema()
    assert (
        structural(whole, whole["$defs"], defaults=True)["properties"]["part"]["description"] == "A part, in two lines."
    )


def test_what_has_no_default_is_required() -> None:
    whole = Example.model_json_schema()
    assert structural(whole, whole["$defs"], defaults=False)["required"] == ["only"]


@pytest.mark.parametrize(("written", "read"), [(2, "2"), ("500m", "500m"), ("2Gi", "2Gi"), ("512Ki", "512Ki")])
def test_an_amount_may_be_a_number_or_a_text(written: int | str, read: str) -> None:
    assert Example.model_validate({"only": "z", "amount": written}).amount == read
