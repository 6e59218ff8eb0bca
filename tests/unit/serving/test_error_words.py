"""Error texts that no model of the other tests leads to."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from noria_serving.server import classification
from noria_serving.server.codec import json_output
from noria_serving.server.codec.tensor_proto import Array
from noria_serving.server.inference import predict
from noria_serving.server.lite import LiteEngine
from noria_serving.server.metrics import Metrics
from noria_serving.server.servable import Names, Servable
from noria_serving.server.status import Code, ServingError

LABELS = np.array([[b"a", b"b"]], object)
SIGNATURE = SignatureDef(method_name="m", inputs={"x": {"name": "x:0"}}, outputs={"y": {"name": "y:0"}})


class Engine:
    """Runs nothing."""

    def prepare(self, feeds: Names, fetches: Names, milliseconds: int) -> Callable[..., Sequence[Array]]:
        return lambda: []

    def close(self) -> None:
        pass


class Interpreter:
    """A TFLite interpreter that fails."""

    def get_signature_list(self) -> dict[str, Any]:
        return {"s": {}}

    def get_signature_runner(self, key: str) -> Any:
        raise RuntimeError("tensorflow/lite/kernels/kernel_util.cc:1 x != y")


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
            lambda: LiteEngine([Interpreter()], {"s": SIGNATURE}).prepare(("x:0",), ("y:0",), 0)(np.zeros(1)),
            Code.INTERNAL,
            "Failed to invoke TfLite interpreter",
            id="a TFLite model that fails",
        ),
    ],
)
def test_it_is_told_in_the_originals_words(run: Callable[[], Any], code: Code, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        run()
    assert (caught.value.code, caught.value.message) == (code, text)
