"""Error texts that no model of the other tests leads to."""

from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import numpy as np
import pytest
from flatbuffers import flexbuffers
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef, TensorInfo
from tensorflow.lite.python import schema_py_generated as schema

from noria_serving.server import classification
from noria_serving.server.codec import json_output
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.inference import predict
from noria_serving.server.lite import LiteEngine
from noria_serving.server.lite_signature import METADATA, signatures_of
from noria_serving.server.metrics import Metrics
from noria_serving.server.servable import Names, Servable
from noria_serving.server.status import Code, ServingError

LABELS = np.array([[b"a", b"b"]], object)
SIGNATURE = SignatureDef(method_name="m", inputs={"x": TensorInfo(name="x:0")}, outputs={"y": TensorInfo(name="y:0")})


class Engine:
    """Runs nothing."""

    def prepare(self, feeds: Names, fetches: Names, milliseconds: int) -> Callable[..., Sequence[Array]]:
        return lambda: []

    def close(self) -> None:
        pass


class Interpreter:
    """A TFLite interpreter of y = f(x) that fails at one of its methods."""

    def __init__(self, fails: str = "", inputs: Sequence[str] = ("x",)) -> None:
        self._fails = fails
        self._inputs = [{"name": name, "index": 0, "shape": [1], "dtype": np.float32} for name in inputs]

    def get_input_details(self) -> list[dict[str, Any]]:
        return self._inputs

    def get_output_details(self) -> list[dict[str, Any]]:
        return [{"name": "y", "index": 1, "shape": [1], "dtype": np.float32}]

    def allocate_tensors(self) -> None:
        self._fail("allocate_tensors")

    def set_tensor(self, index: int, value: Array) -> None:
        pass

    def invoke(self) -> None:
        self._fail("invoke")

    def _fail(self, method: str) -> None:
        if method == self._fails:
            raise RuntimeError("tensorflow/lite/kernels/kernel_util.cc:1 x != y")


def run_lite(fails: str) -> None:
    LiteEngine([Interpreter(fails)]).prepare(("x",), ("y",), 0)(np.zeros(1, np.float32))


def lite_model(signature: bytes) -> bytes:
    """A TFLite model with nothing but a signature in its metadata."""
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("s")
        builder.String(signature.decode())
    model, data, entry = schema.ModelT(), schema.BufferT(), schema.MetadataT()
    data.data, entry.name, entry.buffer = list(builder.Finish()), METADATA.decode(), 0
    model.buffers, model.metadata = [data], [entry]
    whole = flatbuffers.Builder(0)
    whole.Finish(model.Pack(whole), b"TFL3")
    return bytes(whole.Output())


@pytest.mark.parametrize(
    ("run", "code", "text"),
    [
        pytest.param(
            lambda: classification.result({"classes": LABELS}, 2),
            Code.INVALID_ARGUMENT,
            "Expected classes output batch size of 2. Got: 1",
            id="labels of another count",
        ),
        pytest.param(
            lambda: json_output.rows({}),
            Code.INVALID_ARGUMENT,
            "Cannot convert empty tensor map to JSON",
            id="no outputs as rows",
        ),
        pytest.param(
            lambda: json_output.columns({}),
            Code.INVALID_ARGUMENT,
            "Cannot convert empty tensor map to JSON",
            id="no outputs as columns",
        ),
        pytest.param(
            lambda: json_output.rows({"y": np.array(1.0)}),
            Code.INVALID_ARGUMENT,
            "Tensor name: y has no shape information ",
            id="an output that is no rows",
        ),
        pytest.param(
            lambda: json_output.rows({"y": np.array([1j], np.complex64)}),
            Code.INVALID_ARGUMENT,
            "Failed to write JSON value for tensor type: complex64",
            id="a type that JSON cannot carry",
        ),
        pytest.param(
            lambda: predict(Servable(Engine(), {"s": SIGNATURE}, Metrics(), checks_methods=True), "s", {}),
            Code.INTERNAL,
            "Expected prediction signature method_name to be one of {tensorflow/serving/predict, "
            "tensorflow/serving/classify, tensorflow/serving/regress}. Was: m",
            id="a signature for something else",
        ),
        pytest.param(
            lambda: run_lite("invoke"),
            Code.INTERNAL,
            "Failed to invoke TfLite interpreter",
            id="a TFLite model that fails",
        ),
        pytest.param(
            lambda: run_lite("allocate_tensors"),
            Code.INTERNAL,
            "Failed to allocate tensors",
            id="a TFLite model that does not take the shape",
        ),
        pytest.param(
            lambda: signatures_of(lite_model(b"\x00"), Interpreter()),
            Code.INVALID_ARGUMENT,
            "Invalid SignatureDefs found in TfLite model: Cannot parse signature def found in flatbuffer.",
            id="a TFLite model with a broken signature",
        ),
        pytest.param(
            lambda: signatures_of(lite_model(SIGNATURE.SerializeToString()), Interpreter(inputs=["z"])),
            Code.INTERNAL,
            "Unknown tensor 'x:0'.\n\tSignature input x references an unknown tensor",
            id="a TFLite model whose signature names no tensor of it",
        ),
        pytest.param(
            lambda: signatures_of(lite_model(SIGNATURE.SerializeToString()), Interpreter(inputs=["x", "x"])),
            Code.ALREADY_EXISTS,
            "Input tensor name: x has multiple indices",
            id="a TFLite model with two inputs of one name",
        ),
    ],
)
def test_it_is_told_in_the_originals_words(run: Callable[[], Any], code: Code, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        run()
    assert (caught.value.code, caught.value.message) == (code, text)
