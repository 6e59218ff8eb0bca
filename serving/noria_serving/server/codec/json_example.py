"""Classify and regress requests in JSON: tf.Examples out of objects. Used by `rest.api`.

Source: AddValueToFeature and FillClassifyRegressRequestFromJson in tensorflow_serving/util/json_tensor.cc.
"""

import math
from collections.abc import Mapping
from typing import Any

from tensorflow.core.example.example_pb2 import Example
from tensorflow.core.example.feature_pb2 import Feature
from tensorflow_serving.apis.input_pb2 import Input

from noria_serving.server.codec.json_document import encoded, is_base64, parse, pretty, unbase64
from noria_serving.server.codec.json_input import signature_name
from noria_serving.server.status import ServingError, invalid_argument

_TYPES = {dict: "Object", list: "Array", type(None): "Null"}
_LARGEST_FLOAT = 3.4028234663852886e38


def examples_request(body: bytes) -> tuple[str, Input]:
    """Signature name ("" for the default) and examples. Raises ServingError."""
    document = parse(body)
    name, request = signature_name(document), Input()
    target = request.example_list.examples
    if "context" in document:
        target = request.example_list_with_context.examples
        _fill(request.example_list_with_context.context, document["context"])
    for value in _listed(document):
        _fill(target.add(), value)
    return name, request


def _listed(document: Mapping[str, Any]) -> list[Any]:
    values = document.get("examples")
    if "examples" not in document:
        text = "When method is classify, key 'examples' is expected and was not found"
    elif not isinstance(values, list):
        text = "Expecting 'examples' value to be an list/array"
    elif not values:
        text = "'examples' value is an empty array"
    else:
        return values
    raise invalid_argument(f"JSON Value: {pretty(document)} {text}")


def _fill(example: Example, value: Any) -> None:
    if not isinstance(value, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {_type(value)}")
    features = example.features.feature
    for name, content in value.items():
        feature = features[name if name.isascii() else encoded(name).decode("utf-8", "replace")]
        kind = type(content)
        if kind is str:
            feature.bytes_list.value.append(encoded(content))
        elif kind is float and -_LARGEST_FLOAT <= content <= _LARGEST_FLOAT:
            feature.float_list.value.append(content)
        else:
            for item in content if kind is list else [content]:
                _add(feature, name, item)


def _add(feature: Feature, name: str, value: Any) -> None:
    if isinstance(value, str):
        _of_kind(feature, "bytes_list", name).value.append(encoded(value))
    elif isinstance(value, bool):
        _of_kind(feature, "int64_list", name).value.append(int(value))
    elif isinstance(value, int) and -(2**63) <= value < 2**64:
        if value >= 2**63:
            raise invalid_argument(f"Feature: {name} has uint64 element. Only int64 is supported.")
        _of_kind(feature, "int64_list", name).value.append(value)
    elif isinstance(value, int | float):
        if math.isfinite(value) and abs(value) > _LARGEST_FLOAT:
            shown = pretty(float(value))
            raise invalid_argument(f"Cannot convert JSON value: {shown} to float without loss of precision.")
        _of_kind(feature, "float_list", name).value.append(value)
    elif is_base64(value):
        _of_kind(feature, "bytes_list", name).value.append(unbase64(value))
    else:
        raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {_type(value)}")


def _of_kind(feature: Feature, kind: str, name: str) -> Any:
    """The feature's list of this kind, unless it already holds values of another."""
    found = feature.WhichOneof("kind")
    if found not in (None, kind):
        raise _mixed(name, found)
    return getattr(feature, kind)


def _mixed(name: str, found: str) -> ServingError:
    kind = found.removesuffix("_list")
    return invalid_argument(f"Unexpected element type in feature: {name} expecting type: {kind}")


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    return _TYPES.get(type(value)) or ("String" if isinstance(value, str) else "Number")
