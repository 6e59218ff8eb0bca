"""Kubernetes' own schema keywords, which the kinds hand to pydantic as `json_schema_extra`."""

from typing import cast

from pydantic.config import JsonDict, JsonValue


def list_map(*keys: str) -> JsonDict:
    """A list keyed by these fields: no two items share a key, and server-side apply merges items by key."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


def rule(expression: str, message: str) -> JsonDict:
    """A CEL expression that `self` must satisfy, and the API server's message if it does not."""
    return {"x-kubernetes-validations": [{"rule": expression, "message": message}]}


def rules(*each: JsonDict) -> JsonDict:
    """Several rules of one value."""
    keyword = "x-kubernetes-validations"
    return {keyword: [one for given in each for one in cast("list[JsonValue]", given[keyword])]}
