"""Classify and regress requests in JSON: tf.Examples out of objects. Used by `rest.api`.

Source: AddValueToFeature and FillClassifyRegressRequestFromJson in tensorflow_serving/util/json_tensor.cc.
"""

from typing import Any

from tensorflow.core.example.example_pb2 import Example
from tensorflow.core.example.feature_pb2 import Feature
from tensorflow_serving.apis.input_pb2 import Input

from noria_serving.server.codec.json_debug import debug_string, kind_of
from noria_serving.server.codec.json_document import encoded, is_base64, parse, unbase64
from noria_serving.server.codec.json_input import signature_name
from noria_serving.server.codec.json_reader import Object, Repeated, firsts, members
from noria_serving.server.status import ServingError, invalid_argument


def examples_request(body: bytes) -> tuple[str, Input]:
    """Signature name ("" for the default) and examples. Raises ServingError."""
    document = parse(body)
    name, request, values = signature_name(document), Input(), firsts(document)
    target = request.example_list.examples
    if "context" in values:
        target = request.example_list_with_context.examples
        _fill(request.example_list_with_context.context, values["context"])
    for value in _listed(document, values):
        _fill(target.add(), value)
    return name, request


def _listed(document: Object, values: dict[str, Any]) -> list[Any]:
    examples = values.get("examples")
    if "examples" not in values:
        text = "When method is classify, key 'examples' is expected and was not found"
    elif not isinstance(examples, list):
        text = "Expecting 'examples' value to be an list/array"
    elif not examples:
        text = "'examples' value is an empty array"
    else:
        return examples
    raise invalid_argument(f"JSON Value: {debug_string(document)} {text}")


def _fill(example: Example, value: Any) -> None:
    """Each member becomes a feature; of a repeated name the last one stays."""
    if not isinstance(value, dict | Repeated):
        raise invalid_argument(f"Example must be JSON object but got JSON {kind_of(value)}")
    features = example.features.feature
    for name, content in members(value):
        feature = features[name if name.isascii() else encoded(name).decode("utf-8", "replace")]
        if type(value) is Repeated:
            feature.Clear()
        kind = type(content)
        if kind is str:
            feature.bytes_list.value.append(encoded(content))
        elif kind is float:
            feature.float_list.value.append(content)
        else:
            for item in content if kind is list else [content]:
                _add(feature, name, item)


def _add(feature: Feature, name: str, value: Any) -> None:
    if isinstance(value, str):
        _of_kind(feature, "bytes_list", name).value.append(encoded(value))
    elif isinstance(value, float):
        _of_kind(feature, "float_list", name).value.append(value)
    elif isinstance(value, int):
        values = _of_kind(feature, "int64_list", name).value
        if value >= 2**63:
            raise invalid_argument(f"Feature: {name} has uint64_t element. Only int64_t is supported.")
        values.append(int(value))  # a boolean is 0 or 1
    elif is_base64(value):
        _of_kind(feature, "bytes_list", name).value.append(unbase64(value))
    else:
        raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {kind_of(value)}")


def _of_kind(feature: Feature, kind: str, name: str) -> Any:
    """The feature's list of this kind, unless it already holds values of another."""
    found = feature.WhichOneof("kind")
    if found not in (None, kind):
        raise _mixed(name, found)
    return getattr(feature, kind)


def _mixed(name: str, found: str) -> ServingError:
    kind = found.removesuffix("_list")
    return invalid_argument(f"Unexpected element type in feature: {name} expecting type: {kind}")
