"""Models as different tools write them answer, over REST and gRPC."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

Start = Callable[..., Any]


@pytest.mark.parametrize(
    ("model", "rows", "expected"),
    [
        ("keras3", [[1, 2, 3], [4, 5, 6]], [[6.0], [15.0]]),
        ("keras2", [[1, 2, 3], [4, 5, 6]], [[6.0], [15.0]]),
        ("sequence", [[[1], [2]], [[3], [4]]], [[3.0], [7.0]]),
        ("sequence", [[[1], [2], [3], [4], [5]]], [[15.0]]),
        ("words", ["Une Fête", "X"], [{"count": 2, "words": ["une", "fête"]}, {"count": 1, "words": ["x", ""]}]),
    ],
)
def test_a_model_answers_in_rows(server: Any, model: str, rows: list[Any], expected: list[Any]) -> None:
    answer = server.post(f"/v1/models/{model}:predict", {"instances": rows})
    assert answer.json == {"predictions": expected}


def test_examples_may_have_features_of_any_length(server: Any) -> None:
    body = {"examples": [{"x": [1.0, 2.0, 3.0]}, {"x": []}, {}, {"x": 4.5}]}
    assert server.post("/v1/models/ragged:regress", body).json == {"results": [6.0, 0.0, 0.0, 4.5]}


def test_the_saved_signatures_of_keras_answer_over_grpc(server: Any) -> None:
    request = PredictRequest(model_spec={"name": "keras2"})
    request.inputs["x"].CopyFrom(tf.make_tensor_proto(np.ones((2, 3), np.float32)))
    with server.channel() as channel:
        answer = PredictionServiceStub(channel).Predict(request, timeout=120)
    assert tf.make_ndarray(answer.outputs["sum"]).tolist() == [[3.0], [3.0]]


@pytest.fixture
def lite(golden: Path) -> Path:
    return golden.parent / "lite"


def test_a_tflite_model_is_served_behind_its_flag(start: Start, golden: Path, lite: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    shutil.copytree(golden / "half_plus_three", base)
    shutil.copy(lite / "converted/1/model.tflite", base / "1")
    server = start("--prefer_tflite_model", "--num_tflite_pools=1", f"--model_base_path={base}")
    path = "/v1/models/default"
    for rows in ([0], [1, 2, 3], [4]):
        answer = server.post(f"{path}:predict", {"instances": rows})
        assert answer.json == {"predictions": [row / 2 + 2 for row in rows]}, "the TFLite model, not the SavedModel"
    found = signatures(server, 1)["serving_default"]
    assert found["inputs"]["serving_default_x"]["name"] == "serving_default_x:0", "its own signatures do not count"
    assert found["inputs"]["serving_default_x"]["dtype"] == "DT_FLOAT"
    assert found["inputs"]["serving_default_x"]["tensor_shape"]["dim"] == [{"size": "1", "name": ""}]
    ((output, info),) = found["outputs"].items()
    assert info["name"] == f"{output}:0"
    answer = server.post(f"{path}:predict", {"instances": ["a"]})
    assert (answer.status, "not of expected type: float" in answer.body) == (400, True)
    replace(server, base, lite / "plain/1", 2)
    answer = server.post(f"{path}:predict", {"instances": [{"x": 1}]})
    assert json.loads(answer.body) == {"predictions": [3.5]}, "without a signature its tensors are the names"
    replace(server, base, lite / "signed/1", 3)
    assert set(signatures(server, 3)) == {"halved", "regress"}
    answer = server.post(f"{path}:predict", {"signature_name": "halved", "inputs": {"given": [1, 2]}})
    assert answer.json == {"outputs": [3.5, 4.0]}
    info = signatures(server, 3)["halved"]["inputs"]["given"]
    assert (info["name"], info["dtype"]) == ("x", "DT_FLOAT"), "the tensor's name lacks the index"


def signatures(server: Any, version: int) -> Any:
    answer = server.get(f"/v1/models/default/versions/{version}/metadata")
    return answer.json["metadata"]["signature_def"]["signature_def"]


def replace(server: Any, base: Path, model: Path, version: int) -> None:
    """Wait until this version is served, and no other."""
    shutil.copytree(model, base / ".part")
    (base / ".part").rename(base / str(version))
    while server.get(f"/v1/models/default/versions/{version - 1}").json["model_version_status"][0]["state"] != "END":
        pass


def test_a_file_that_is_no_tflite_model_is_refused(start: Start, tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "model.tflite").write_bytes(b"no model")
    flags = ("--prefer_tflite_model", "--max_num_load_retries=0", f"--model_base_path={tmp_path}")
    server = start(*flags, wait=False)
    assert server.process.wait(120) == 255
    assert "INVALID_ARGUMENT: Cannot build FlatBufferModel from buffer." in server.output()
