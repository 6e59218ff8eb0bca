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

from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.lite_signature import signatures_of
from noria_serving.server.servable import Names, Run
from noria_serving.server.status import Code, ServingError, invalid_argument

FILE = "model.tflite"


class LiteEngine:
    """Runs the graph of a TFLite model; each of its interpreters runs one request at a time."""

    def __init__(self, interpreters: Sequence[Any]) -> None:
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for interpreter in interpreters:
            self._idle.put(interpreter)
        self._inputs = {detail["name"]: detail["index"] for detail in interpreters[0].get_input_details()}
        self._outputs = {detail["name"]: detail["index"] for detail in interpreters[0].get_output_details()}

    def prepare(self, feeds: Names, fetches: Names, milliseconds: int) -> Run:
        """A run of the graph with these tensors. TFLite knows no time limit."""
        inputs, outputs = [self._inputs[name] for name in feeds], [self._outputs[name] for name in fetches]

        def run(*values: Array) -> Sequence[Array]:
            interpreter = self._idle.get()
            try:
                return _run(interpreter, dict(zip(inputs, values, strict=True)), outputs)
            finally:
                self._idle.put(interpreter)

        return run

    def close(self) -> None:
        """Interpreters give their memory back when the last request lets go of them."""


def _run(interpreter: Any, inputs: Mapping[int, Array], outputs: Sequence[int]) -> Sequence[Array]:
    details = {detail["index"]: detail for detail in interpreter.get_input_details()}
    try:
        for index, value in inputs.items():
            if tuple(details[index]["shape"]) != value.shape:
                interpreter.resize_tensor_input(index, value.shape)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError):
        raise ServingError(Code.INTERNAL, "Failed to allocate tensors") from None
    for index, value in inputs.items():
        interpreter.set_tensor(index, value)
    try:
        interpreter.invoke()
    except RuntimeError:
        raise ServingError(Code.INTERNAL, "Failed to invoke TfLite interpreter") from None
    return [np.asarray(interpreter.get_tensor(index)) for index in outputs]


def load_lite(path: Path, count: int) -> tuple[LiteEngine, Mapping[str, SignatureDef]]:
    """The model in a version's folder, in `count` interpreters, and its signatures. Raises ServingError."""
    content = path.joinpath(FILE).read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it will move to a package of its own one day
            interpreters = [tf.lite.Interpreter(model_content=content) for _ in range(count)]
    except (ValueError, RuntimeError):
        raise invalid_argument("Cannot build FlatBufferModel from buffer.") from None
    return LiteEngine(interpreters), signatures_of(content, interpreters[0])
