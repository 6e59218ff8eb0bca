"""TensorFlow Serving's gRPC API: requests, and what replies say. Used by `connection`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from noria_client import tensor, wire
from noria_client.address import Address
from noria_client.answer import CLASSES, OUTPUTS, SCORES, Tensors
from noria_client.error import AnswerError
from noria_client.metadata import NAMES, Metadata, Signature, Tensor, VersionState
from noria_client.plan import Example
from noria_client.question import Question, Verb
from noria_client.request import Item, Request
from noria_client.value import Cell, Value

_PREDICTION, _MODEL = "/tensorflow.serving.PredictionService/", "/tensorflow.serving.ModelService/"
_METHODS = {Verb.CLASSIFY: "Classify", Verb.REGRESS: "Regress", Verb.PREDICT: "Predict"}
_SIGNATURES = "signature_def"
_STATES = {10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}


@dataclass(frozen=True)
class Rpc:
    """Speaks of the model at an address."""

    address: Address

    def metadata(self) -> Request:
        """Asks what the model is."""
        message = wire.message("MetadataRequest", model_spec=self._spec(), metadata_field=[_SIGNATURES])
        return Request(f"{_PREDICTION}GetModelMetadata", message.SerializeToString())

    def read_metadata(self, reply: bytes) -> Metadata:
        """Raises AnswerError."""
        found = _parsed("MetadataResponse", reply)
        content = b"".join(each.value.value for each in found.metadata if each.key == _SIGNATURES)
        listed = _parsed("Signatures", content).signature_def
        signatures = {each.key: _signature(each.key, each.value) for each in listed}
        return Metadata(found.model_spec.name, found.model_spec.version.value, signatures)

    def versions(self) -> Request:
        """Asks for the state of the versions."""
        message = wire.message("StatusRequest", model_spec=self._spec())
        return Request(f"{_MODEL}GetModelStatus", message.SerializeToString())

    def read_versions(self, reply: bytes) -> tuple[VersionState, ...]:
        """Raises AnswerError."""
        listed = _parsed("StatusResponse", reply).model_version_status
        return tuple(
            VersionState(each.version, _STATES.get(each.state, "UNKNOWN"), each.status.error_message) for each in listed
        )

    def item(self, question: Question, example: Example) -> Item:
        """A row as a serialized tf.Example; other examples wait for the batch that they become one tensor of."""
        if question.takes_rows:
            content = _tf_example(example).SerializeToString()
            return Item(content, len(content) + 4)
        return Item(example, sum(_size(value) for value in example.values()))

    def ask(self, question: Question, items: Sequence[Item]) -> Request:
        """Joins the examples."""
        spec, path = self._spec(question.signature), f"{_PREDICTION}{_METHODS[question.verb]}"
        if question.takes_rows:
            listed = {"example_list": {"examples": [item.content for item in items]}}
            return Request(path, wire.message("ExampleRequest", model_spec=spec, input=listed).SerializeToString())
        inputs = {each.name: _stacked([item.content[each.name] for item in items], each) for each in question.inputs}
        return _predict(path, spec, question.inputs, inputs)

    def read(self, question: Question, reply: bytes) -> Tensors:
        """The outputs, each [n, ...]. Raises AnswerError."""
        if question.verb is Verb.REGRESS:
            regressions = _parsed("RegressionResponse", reply).result.regressions
            return {OUTPUTS: np.array([each.value for each in regressions], np.float32)}
        if question.verb is Verb.CLASSIFY:
            return _classified(_parsed("ClassificationResponse", reply).result.classifications)
        return _outputs(reply)

    def run(self, signature: Signature, inputs: Mapping[str, NDArray[Any]]) -> Request:
        """Inputs as they are."""
        return _predict(f"{_PREDICTION}Predict", self._spec(signature.name), signature.inputs, inputs)

    def read_run(self, signature: Signature, reply: bytes) -> Tensors:
        """The outputs as they are. Raises AnswerError."""
        return _outputs(reply)

    def _spec(self, signature: str = "") -> dict[str, Any]:
        spec: dict[str, Any] = {"name": self.address.name, "signature_name": signature}
        if self.address.version is not None:
            spec["version"] = {"value": self.address.version}
        return spec | ({"version_label": self.address.label} if self.address.label else {})


def _predict(path: str, spec: Any, inputs: Sequence[Tensor], arrays: Mapping[str, NDArray[Any]]) -> Request:
    tensors = [
        {"key": each.name, "value": tensor.to_message(arrays[each.name], each.dtype)}
        for each in inputs
        if each.name in arrays
    ]
    return Request(path, wire.message("PredictRequest", model_spec=spec, inputs=tensors).SerializeToString())


def _outputs(reply: bytes) -> Tensors:
    return {each.key: tensor.from_message(each.value) for each in _parsed("PredictResponse", reply).outputs}


def _classified(rows: Any) -> Tensors:
    """Labels and scores [n, classes]; without labels where the model names no classes."""
    scores = {SCORES: np.array([[each.score for each in row.classes] for row in rows], np.float32)}
    if not any(each.label for row in rows for each in row.classes):
        return scores
    return scores | {CLASSES: np.array([[each.label for each in row.classes] for row in rows], object)}


def _tf_example(row: Example) -> Any:
    features = [{"key": name, "value": _feature(cell)} for name, cell in row.items()]
    return wire.message("Example", features={"feature": features})


def _feature(cell: Value) -> dict[str, Any]:
    if isinstance(cell, int):
        return {"int64_list": {"value": [cell]}}
    if isinstance(cell, float):
        return {"float_list": {"value": [cell]}}
    return {"bytes_list": {"value": [_encoded(cell)]}}


def _encoded(cell: Any) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode("utf-8", "replace")


def _stacked(values: Sequence[Value], of: Tensor) -> NDArray[Any]:
    if not of.is_text:
        return np.stack([np.asarray(each) for each in values])
    if of.rank == 0:
        found = np.empty(len(values), object)
        found[:] = values
        return found
    return np.array([np.asarray(each, object) for each in values], object)


def _size(value: Value | Cell) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else len(value) if isinstance(value, str | bytes) else 8


def _signature(name: str, message: Any) -> Signature:
    inputs, outputs = (
        tuple(_tensor(each.key, each.value) for each in sorted(listed, key=lambda each: each.key))
        for listed in (message.inputs, message.outputs)
    )
    return Signature(name, message.method_name, inputs, outputs)


def _tensor(name: str, info: Any) -> Tensor:
    shape = None if info.tensor_shape.unknown_rank else tuple(each.size for each in info.tensor_shape.dim)
    return Tensor(name, NAMES.get(info.dtype, f"DT_{info.dtype}"), shape)


def _parsed(name: str, data: bytes) -> Any:
    try:
        return wire.parsed(name, data)
    except DecodeError as error:
        raise AnswerError("the reply cannot be read: is it the gRPC port of a model server, 8500?") from error
