"""Kubernetes' own keywords of a field's or part's schema, handed to pydantic as `json_schema_extra` by the kinds."""

from pydantic.config import JsonDict


def list_map(*keys: str) -> JsonDict:
    """A list whose items are told apart by these fields: no two alike, and server-side apply merges them."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


def rule(expression: str, message: str) -> JsonDict:
    """A CEL expression that must hold of `self`, and what the API server answers where it does not."""
    return {"x-kubernetes-validations": [{"rule": expression, "message": message}]}
