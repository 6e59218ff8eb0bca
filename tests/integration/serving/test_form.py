"""Which signatures classify and regress take, what they say of the others, and the codes of failing models."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub
from tensorflow_serving.apis.regression_pb2 import RegressionRequest

REST_STATUS = {
    "CANCELLED": 499,
    "INVALID_ARGUMENT": 400,
    "NOT_FOUND": 404,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "DATA_LOSS": 500,
}
"""The codes that TensorFlow's ops can be made to fail with; deadlines and full queues have tests of their own."""
EXAMPLES: list[dict[str, Any]] = [{"x": [1.0, 2.0, 3.0]}, {"x": 1.0}]


@pytest.fixture(scope="module")
def stub(server: Any) -> Iterator[PredictionServiceStub]:
    with server.channel() as channel:
        yield PredictionServiceStub(channel)


def examples() -> list[tf.train.Example]:
    def example(values: Any) -> tf.train.Example:
        floats = tf.train.FloatList(value=values if isinstance(values, list) else [values])
        return tf.train.Example(features=tf.train.Features(feature={"x": tf.train.Feature(float_list=floats)}))

    return [example(given["x"]) for given in EXAMPLES]


def asked(stub: PredictionServiceStub, verb: str, signature: str) -> Any:
    """The answer of the model `forms` over gRPC, or code and text of the refusal."""
    kind, call = {
        "classify": (ClassificationRequest, stub.Classify),
        "regress": (RegressionRequest, stub.Regress),
    }[verb]
    spec = {"name": "forms", "signature_name": signature}
    try:
        return call(kind(model_spec=spec, input={"example_list": {"examples": examples()}}), timeout=120).result
    except grpc.RpcError as error:
        return error.code(), error.details()


LENGTHS = [float(len(example.SerializeToString())) for example in examples()]
"""What the signatures of `forms` compute."""


def test_classes_have_labels_and_scores(server: Any, stub: PredictionServiceStub) -> None:
    body = {"signature_name": "labelled", "examples": EXAMPLES}
    assert server.post("/v1/models/forms:classify", body).json == {
        "results": [[["a", length], ["ab", 0.0]] for length in LENGTHS]
    }
    found = asked(stub, "classify", "labelled").classifications
    assert [[(c.label, c.score) for c in row.classes] for row in found] == [
        [("a", length), ("ab", 0.0)] for length in LENGTHS
    ]
    body["signature_name"] = "labels"
    answer = server.post("/v1/models/forms:classify", body)
    assert answer.json == {"results": [[["a", 0.0], ["ab", 0.0]]] * 2}
    found = asked(stub, "classify", "labels").classifications
    assert [[c.label for c in row.classes] for row in found] == [["a", "ab"]] * 2


def test_values_may_be_a_column(server: Any, stub: PredictionServiceStub) -> None:
    body = {"signature_name": "column", "examples": EXAMPLES}
    assert server.post("/v1/models/forms:regress", body).json == {"results": LENGTHS}
    assert [found.value for found in asked(stub, "regress", "column").regressions] == LENGTHS


SHAPE = "Expected Tensor shape: [batch_size num_classes] but got [2]"


@pytest.mark.parametrize(
    ("verb", "signature", "text"),
    [
        ("classify", "no", "No signature was found with the name: no"),
        ("classify", "two", "Expected one input Tensor."),
        ("classify", "three", "Expected one or two output Tensors, found 3"),
        ("classify", "other_scores", "No classification inputs found in SignatureDef: "),
        (
            "classify",
            "nameless",
            'Expected classification signature outputs to contain at least one of "classes" or "scores". '
            "Signature was: ",
        ),
        ("classify", "flat", SHAPE),
        ("classify", "numbers", "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"),
        ("classify", "doubles", "Expected scores Tensor of DT_FLOAT. Got: DT_DOUBLE"),
        ("classify", "short", "Expected scores output batch size of 2. Got: 1"),
        ("classify", "uneven", "Tensors class and score should match in dim_size(1). Got 2 vs. 1"),
        ("regress", "no", "No signature was found with the name: no"),
        ("regress", "two", "Expected one input Tensor."),
        ("regress", "labelled", "Expected one output Tensor."),
        ("regress", "other", "No regression inputs found in SignatureDef: "),
        ("regress", "nameless", "No regression outputs found in SignatureDef: "),
        ("regress", "wide", "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]"),
        ("regress", "few", "Input batch size did not match output batch size: 2 vs. 1"),
        ("regress", "fine", "Expected output Tensor of DT_FLOAT.  Got: DT_DOUBLE"),
    ],
)
def test_other_forms_are_refused(
    server: Any, stub: PredictionServiceStub, verb: str, signature: str, text: str
) -> None:
    code, words = asked(stub, verb, signature)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    answer = server.post(f"/v1/models/forms:{verb}", {"signature_name": signature, "examples": EXAMPLES})
    assert answer.status == 400
    for found in (words, answer.json["error"]):
        shown = found.split(": ", 1) if text.endswith(": ") else [text, ""]
        assert found == text or (found.startswith(text) and "inputs {" in shown[1]), found


def test_a_signature_has_inputs_by_default(server: Any, stub: PredictionServiceStub) -> None:
    request = PredictRequest(model_spec={"name": "defaults"})
    request.inputs["x"].CopyFrom(tf.make_tensor_proto(np.array([1], np.float32)))
    assert list(stub.Predict(request, timeout=120).outputs["y"].float_val) == [11.0]
    request.inputs["add"].CopyFrom(tf.make_tensor_proto(np.array([2], np.float32)))
    assert list(stub.Predict(request, timeout=120).outputs["y"].float_val) == [3.0]
    del request.inputs["x"]
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(request, timeout=120)
    assert caught.value.details() == (
        "Signature input alias: x(feed name: serving_default_x:0) not found in request and no default value provided. "
        "Inputs expected to be in the request {add}, or default input alias set: add"
    )
    for name in ("x", "no"):
        request.inputs[name].CopyFrom(request.inputs["add"])
    del request.inputs["add"]
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(request, timeout=120)
    text = "Inputs contains invalid name. Used request inputs: x, request input: no,x"
    assert caught.value.details() == text
    found = server.get("/v1/models/defaults/metadata").json["metadata"]["signature_def"]["signature_def"]
    assert found["serving_default"]["defaults"]["add"]["float_val"] == [10.0]


@pytest.mark.parametrize("code", REST_STATUS)
def test_a_models_failure_has_its_code(server: Any, stub: PredictionServiceStub, code: str) -> None:
    request = PredictRequest(model_spec={"name": "failures", "signature_name": code})
    request.inputs["x"].CopyFrom(tf.make_tensor_proto(np.ones(1, np.float32)))
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(request, timeout=120)
    assert caught.value.code() is grpc.StatusCode[code]
    body = json.dumps({"signature_name": code, "instances": [1]})
    answer = server.post("/v1/models/failures:predict", body)
    assert answer.status == REST_STATUS[code]
    assert "{{node " in (caught.value.details() or "")
    assert "{{node " in answer.json["error"]
    counted = f':tensorflow:serving:request_count{{model_name="failures",status="{code}"}}'
    assert server.metric(counted) == 2
