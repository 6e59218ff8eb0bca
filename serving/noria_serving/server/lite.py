"""A TFLite model in a pool of interpreters. Used by `server.loader`.

Source: tensorflow_serving/servables/tensorflow/tflite_session.cc.
"""

import queue
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from noria_serving.server.codec.dtype import KINDS_BY_NUMPY, STRING
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.inference import PREDICT
from noria_serving.server.servable import DEFAULT_SIGNATURE, Names, Run
from noria_serving.server.status import Code, ServingError, invalid_argument

FILE = "model.tflite"


class LiteEngine:
    """Runs the signatures of a TFLite model; each of its interpreters runs one request at a time."""

    def __init__(self, interpreters: Sequence[Any], signatures: Mapping[str, SignatureDef]) -> None:
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for interpreter in interpreters:
            self._idle.put(interpreter)
        self._signatures = signatures

    def prepare(self, feeds: Names, fetches: Names, milliseconds: int) -> Run:
        """A run of the signature with these tensors. TFLite knows no time limit."""
        key, inputs, outputs = self._found(feeds, fetches)

        def run(*values: Array) -> Sequence[Array]:
            interpreter = self._idle.get()
            try:
                found = _runner(interpreter, key)(**dict(zip(inputs, values, strict=True)))
                return [found[alias] for alias in outputs]
            except RuntimeError:
                raise ServingError(Code.INTERNAL, "Failed to run interpreter.") from None
            finally:
                self._idle.put(interpreter)

        return run

    def _found(self, feeds: Names, fetches: Names) -> tuple[str, Names, Names]:
        for key, proto in self._signatures.items():
            inputs = {info.name: alias for alias, info in proto.inputs.items()}
            outputs = {info.name: alias for alias, info in proto.outputs.items()}
            if inputs.keys() == set(feeds) and outputs.keys() >= set(fetches):
                return key, tuple(inputs[name] for name in feeds), tuple(outputs[name] for name in fetches)
        raise invalid_argument(f"Missing input TFLite tensor: {', '.join(feeds)}")

    def close(self) -> None:
        """Interpreters give their memory back when the last request lets go of them."""


def load_lite(path: Path, count: int) -> tuple[LiteEngine, Mapping[str, SignatureDef]]:
    """The model in a version's folder, in `count` interpreters, and its signatures. Raises ServingError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it will move to a package of its own one day
            interpreters = [tf.lite.Interpreter(str(path / FILE)) for _ in range(count)]
        signatures = _signatures(interpreters[0])
    except (ValueError, RuntimeError):
        raise invalid_argument("Cannot build FlatBufferModel from buffer.") from None
    return LiteEngine(interpreters, signatures), signatures


def _signatures(interpreter: Any) -> dict[str, SignatureDef]:
    """The model's signatures; one without any has a default one that names its tensors."""
    return {
        key: _signature(_runner(interpreter, key)) for key in interpreter.get_signature_list() or [DEFAULT_SIGNATURE]
    }


def _signature(runner: Any) -> SignatureDef:
    proto = SignatureDef(method_name=PREDICT)
    for infos, details in ((proto.inputs, runner.get_input_details()), (proto.outputs, runner.get_output_details())):
        for alias, detail in details.items():
            infos[alias].name = detail["name"]
            dtype = np.dtype(detail["dtype"])
            infos[alias].dtype = (STRING if dtype.kind == "S" else KINDS_BY_NUMPY[dtype]).number
            for size in detail["shape_signature"]:
                infos[alias].tensor_shape.dim.add(size=size)
    return proto


def _runner(interpreter: Any, key: str) -> Any:
    if interpreter.get_signature_list():
        return interpreter.get_signature_runner(key)
    return _PlainRunner(interpreter)


class _PlainRunner:
    """The whole graph of a model without signatures, called as a signature is."""

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter

    def get_input_details(self) -> dict[str, Any]:
        return {detail["name"]: detail for detail in self._interpreter.get_input_details()}

    def get_output_details(self) -> dict[str, Any]:
        return {detail["name"]: detail for detail in self._interpreter.get_output_details()}

    def __call__(self, **values: Array) -> dict[str, Array]:
        indices = {name: detail["index"] for name, detail in self.get_input_details().items()}
        for name, value in values.items():
            self._interpreter.resize_tensor_input(indices[name], value.shape)
        self._interpreter.allocate_tensors()
        for name, value in values.items():
            self._interpreter.set_tensor(indices[name], value)
        self._interpreter.invoke()
        outputs = self.get_output_details()
        return {name: self._interpreter.get_tensor(detail["index"]) for name, detail in outputs.items()}
