"""gRPC as TensorFlow Serving has it, asked through tensorflow-serving-api's stubs."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.message import Message
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest, SignatureDefMap
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.inference_pb2 import MultiInferenceRequest
from tensorflow_serving.apis.input_pb2 import Input
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub
from tensorflow_serving.apis.regression_pb2 import RegressionRequest

from integration.serving import reflection

INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
PRECONDITION, UNIMPLEMENTED = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.UNIMPLEMENTED
RawCall: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"  # generic in its stubs alone
CLASSIFY, REGRESS = "tensorflow/serving/classify", "tensorflow/serving/regress"


@pytest.fixture(scope="module")
def channel(server: Any) -> Iterator[grpc.Channel]:
    with server.channel() as channel:
        yield channel


@pytest.fixture(scope="module")
def stub(channel: grpc.Channel) -> PredictionServiceStub:
    return PredictionServiceStub(channel)


@pytest.fixture(scope="module")
def models(channel: grpc.Channel) -> ModelServiceStub:
    return ModelServiceStub(channel)


def asking(model: str = "half_plus_two", signature: str = "", **inputs: Any) -> PredictRequest:
    request = PredictRequest(model_spec={"name": model, "signature_name": signature})
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(value if isinstance(value, Message) else tf.make_tensor_proto(value))
    return request


def floats(*values: float) -> Any:
    return np.array(values, np.float32)


def examples(*values: float, context: float | None = None) -> Input:
    def example(value: float) -> Any:
        return tf.train.Example(
            features=tf.train.Features(feature={"x": tf.train.Feature(float_list=tf.train.FloatList(value=[value]))})
        )

    if context is None:
        return Input(example_list={"examples": [example(value) for value in values]})
    request = Input()
    request.example_list_with_context.context.CopyFrom(example(context))
    for _ in values:
        request.example_list_with_context.examples.add()
    return request


def refusal(call: Callable[..., Any], request: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=120)
    return caught.value.code(), caught.value.details() or ""


def test_predict_answers_with_typed_values_and_the_full_spec(stub: PredictionServiceStub) -> None:
    answer = stub.Predict(asking(x=floats(1, 2, 5)), timeout=120)
    assert list(answer.outputs["y"].float_val) == [2.5, 3.0, 4.5]
    assert not answer.outputs["y"].tensor_content
    assert answer.model_spec.name == "half_plus_two"
    assert answer.model_spec.signature_name == "serving_default"
    assert answer.model_spec.version.value == 1


def test_a_call_needs_no_deadline(stub: PredictionServiceStub) -> None:
    answer = stub.Predict(asking("half_plus_three_ref", x=floats(1)))
    assert list(answer.outputs["y"].float_val) == [3.5]


@pytest.mark.parametrize("by_content", [True, False], ids=["tensor_content", "typed values"])
@pytest.mark.parametrize(
    "dtype",
    [
        *("float32", "float64", "half", "bfloat16", "complex64", "complex128", "bool"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    ],
)
def test_every_type_goes_in_and_out(stub: PredictionServiceStub, dtype: str, by_content: bool) -> None:
    numpy = tf.as_dtype(dtype).as_numpy_dtype
    value = np.array([0, 1, 1, 100], np.int64).astype(numpy)
    proto = tf.make_tensor_proto(value)
    if not by_content:
        proto = TensorProto(dtype=proto.dtype, tensor_shape=proto.tensor_shape)
        field = {"float32": "float_val", "float64": "double_val", "int64": "int64_val", "uint64": "uint64_val"}
        field |= {"uint32": "uint32_val", "bool": "bool_val", "complex64": "scomplex_val", "half": "half_val"}
        field |= {"complex128": "dcomplex_val", "bfloat16": "half_val"}
        name = field.get(dtype, "int_val")
        listed = value.view(np.uint16) if name == "half_val" else value
        if name.endswith("complex_val"):
            listed = value.view(np.float32 if dtype == "complex64" else np.float64)
        getattr(proto, name).extend(listed.tolist())
    answer = stub.Predict(asking("types", f"echo_{dtype}", x=proto), timeout=120)
    found = tf.make_ndarray(answer.outputs["y"])
    assert found.dtype == numpy
    np.testing.assert_array_equal(found, value)


def test_strings_and_their_packed_form(stub: PredictionServiceStub) -> None:
    value = np.array([b"a", b"", b"\xff" * 300], object)
    answer = stub.Predict(asking("types", "echo_string", x=tf.make_tensor_proto(value)), timeout=120)
    assert list(answer.outputs["y"].string_val) == value.tolist()
    packed = TensorProto(dtype=tf.string.as_datatype_enum, tensor_content=b"\x01\x00\xac\x02" + b"a" + b"\xff" * 300)
    packed.tensor_shape.dim.add(size=3)
    answer = stub.Predict(asking("types", "echo_string", x=packed), timeout=120)
    assert list(answer.outputs["y"].string_val) == value.tolist()


@pytest.mark.parametrize(
    ("values", "size", "expected"),
    [([1, 2], 4, [2.5, 3, 3, 3]), ([], 2, [2, 2]), ([1, 2, 3], 2, [2.5, 3]), ([1], 0, [])],
    ids=["too few: the last counts for the rest", "none: zeros", "too many: the first", "a tensor without values"],
)
def test_a_list_that_does_not_fit_its_shape(
    stub: PredictionServiceStub, values: list[float], size: int, expected: list[float]
) -> None:
    answer = stub.Predict(asking(x=tensor(size, float_val=values)), timeout=120)
    assert list(answer.outputs["y"].float_val) == expected


def test_an_output_filter_takes_its_outputs_only(stub: PredictionServiceStub) -> None:
    request = asking("types", "pair", a=floats(1), b=floats(2))
    request.output_filter.append("sum")
    answer = stub.Predict(request, timeout=120)
    assert {name: list(value.float_val) for name, value in answer.outputs.items()} == {"sum": [3.0]}


def test_large_messages_pass(server: Any) -> None:
    value = np.arange(4_000_000, dtype=np.float32)
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"127.0.0.1:{server.rpc}", options=unlimited) as channel:
        answer = PredictionServiceStub(channel).Predict(asking("types", "echo_float32", x=value), timeout=60)
    assert answer.outputs["y"].float_val[-1] == value[-1]


def filtered(*names: str) -> PredictRequest:
    request = asking(x=floats(1))
    request.output_filter.extend(names)
    return request


def tensor(*shape: int, **fields: Any) -> TensorProto:
    proto = TensorProto(dtype=tf.float32.as_datatype_enum, **fields)
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


def versioned(**choice: Any) -> PredictRequest:
    request = asking(x=floats(1))
    if "version" in choice:
        request.model_spec.version.value = choice["version"]
    else:
        request.model_spec.version_label = choice["label"]
    return request


@pytest.mark.parametrize(
    ("request_proto", "code", "text"),
    [
        (PredictRequest(), INVALID, "Missing ModelSpec"),
        (PredictRequest(model_spec={"signature_name": "a"}), INVALID, "ModelSpec has no name specified."),
        (asking("nope", x=floats(1)), NOT_FOUND, "Servable not found for request: Latest(nope)"),
        (versioned(version=5), NOT_FOUND, "Servable not found for request: Specific(half_plus_two, 5)"),
        (versioned(label="L"), INVALID, "Unrecognized servable version label: L"),
        (asking(signature="S", x=floats(1)), PRECONDITION, 'Serving signature key "S" not found.'),
        (
            asking(x=floats(1), z=floats(1)),
            INVALID,
            "input size does not match signature: 2!=1 len({x,z}) != len({x}). Sent extra: {z}. "
            "Missing but required: {}.",
        ),
        (
            asking(),
            INVALID,
            "input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}.",
        ),
        (
            filtered("q"),
            INVALID,
            "output tensor alias not found in signature: q Outputs expected to be in the set {y}.",
        ),
        (filtered("y", "y"), INVALID, "duplicate output tensor alias: y"),
        (asking(x=np.array([1], np.int32)), INVALID, "Expects arg[0] to be float but int32 is provided"),
        (asking(x=np.array([b"a"])), INVALID, "Expects arg[0] to be float but string is provided"),
        (asking(x=tensor(2, tensor_content=b"abc")), INVALID, "tensor parsing error: x"),
        (asking(x=TensorProto(dtype=99)), INVALID, "tensor parsing error: x"),
        (asking(x=TensorProto()), INVALID, "tensor parsing error: x"),
        (asking(x=tensor(*[1] * 65)), INVALID, "A tensor of 65 dimensions has too many: 64 are possible: x"),
        (
            asking(x=tensor(2**31, float_val=[1])),
            INVALID,
            f"A tensor of {2**31} values is more than may be sent as 1: x",
        ),
        (asking(x=tensor(2**40, 2**40, float_val=[1])), INVALID, "tensor parsing error: x"),
        (asking(x=tensor(0, 2**40, 2**40)), INVALID, "tensor parsing error: x"),
    ],
)
def test_predict_refuses(stub: PredictionServiceStub, request_proto: Any, code: Any, text: str) -> None:
    assert refusal(stub.Predict, request_proto) == (code, text)


@pytest.mark.parametrize("shape", [(1, 2), (3,), (1, 1, 3), ()])
def test_shapes_that_do_not_fit_are_refused(stub: PredictionServiceStub, shape: Any) -> None:
    code, text = refusal(stub.Predict, asking("keras3", x=np.ones(shape, np.float32)))
    assert (code, "In[0]" in text) == (INVALID, True), text


def test_a_long_text_is_cut(stub: PredictionServiceStub) -> None:
    text = f'Serving signature key "{"S" * 2000}" not found.'
    found = refusal(stub.Predict, asking(signature="S" * 2000, x=floats(1)))
    assert found == (PRECONDITION, f"{text[:1024]}...TRUNCATED")


@pytest.mark.parametrize("method", ["Classify", "Regress", "MultiInference", "GetModelMetadata"])
def test_every_method_says_which_model_it_misses(stub: PredictionServiceStub, method: str) -> None:
    kind: Any = {
        "Classify": ClassificationRequest,
        "Regress": RegressionRequest,
        "GetModelMetadata": GetModelMetadataRequest,
    }.get(method)
    if kind is None:
        assert refusal(stub.MultiInference, multi(("nope", "a", REGRESS))) == (
            NOT_FOUND,
            "Servable not found for request: Latest(nope)",
        )
        return
    more = {"metadata_field": ["signature_def"]} if kind is GetModelMetadataRequest else {"input": examples(1)}
    for spec, code, text in (
        (None, INVALID, "Missing ModelSpec"),
        ({"signature_name": "a"}, INVALID, "ModelSpec has no name specified."),
        ({"name": "nope"}, NOT_FOUND, "Servable not found for request: Latest(nope)"),
        ({"name": V1, "version": {"value": 5}}, NOT_FOUND, f"Servable not found for request: Specific({V1}, 5)"),
        ({"name": V1, "version_label": "L"}, INVALID, "Unrecognized servable version label: L"),
    ):
        assert refusal(getattr(stub, method), kind(model_spec=spec, **more)) == (code, text)


def test_classify_needs_examples(stub: PredictionServiceStub) -> None:
    spec = {"name": V1, "signature_name": "classify_x_to_y"}
    for given in (Input(), Input(example_list={}), Input(example_list_with_context={})):
        assert refusal(stub.Classify, ClassificationRequest(model_spec=spec, input=given)) == (
            INVALID,
            "Input is empty.",
        )


def test_a_call_that_is_cancelled_holds_up_nobody(stub: PredictionServiceStub) -> None:
    late = [stub.Predict.future(asking("types", "slow", x=floats(0)), timeout=5) for _ in range(8)]
    for call in late:
        call.cancel()
        assert call.code() is grpc.StatusCode.CANCELLED
    assert list(stub.Predict(asking(x=floats(1)), timeout=120).outputs["y"].float_val) == [2.5]


def test_an_error_in_the_graph_has_its_code_and_words(stub: PredictionServiceStub) -> None:
    code, text = refusal(stub.Predict, asking("types", "picky", x=floats(-1)))
    assert code == INVALID
    assert "only positive numbers" in text


def test_a_run_ends_with_the_clients_deadline(server: Any, stub: PredictionServiceStub) -> None:
    threads = 64
    for _ in range(threads):
        with pytest.raises(grpc.RpcError) as caught:
            stub.Predict(asking("types", "slow", x=floats(0)), timeout=0.05)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert list(stub.Predict(asking(x=floats(1)), timeout=120).outputs["y"].float_val) == [2.5]


def test_bytes_that_are_no_message_are_refused(channel: grpc.Channel) -> None:
    call: RawCall = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    for data in (b"\xff\xff\xff", b"\x0a\x7f", asking(x=floats(1)).SerializeToString()[:-3]):
        assert refusal(call, data)[0] == grpc.StatusCode.INTERNAL
    code, _ = refusal(channel.unary_unary("/tensorflow.serving.PredictionService/Nope"), b"")
    assert code == UNIMPLEMENTED


V1 = "half_plus_two_v1"


def test_classify_and_regress(stub: PredictionServiceStub) -> None:
    spec = {"name": V1, "signature_name": "regress_x_to_y"}
    answer = stub.Regress(RegressionRequest(model_spec=spec, input=examples(1, 2)), timeout=120)
    assert [found.value for found in answer.result.regressions] == [2.5, 3.0]
    assert (answer.model_spec.version.value, answer.model_spec.signature_name) == (1, "regress_x_to_y")
    answer = stub.Regress(RegressionRequest(model_spec=spec, input=examples(0, 0, context=4)), timeout=120)
    assert [found.value for found in answer.result.regressions] == [4.0, 4.0]
    spec["signature_name"] = "classify_x_to_y"
    answered = stub.Classify(ClassificationRequest(model_spec=spec, input=examples(1, 2)), timeout=120)
    assert [[c.score for c in found.classes] for found in answered.result.classifications] == [[2.5], [3.0]]


@pytest.mark.parametrize(
    ("signature", "given", "code", "text"),
    [
        ("regress_x_to_y", Input(), INVALID, "Input is empty."),
        ("nope", examples(1), INVALID, "No signature was found with the name: nope"),
        ("serving_default", examples(1), INVALID, "No regression inputs found in SignatureDef: "),
    ],
)
def test_regress_refuses(stub: PredictionServiceStub, signature: str, given: Any, code: Any, text: str) -> None:
    request = RegressionRequest(model_spec={"name": V1, "signature_name": signature}, input=given)
    found, words = refusal(stub.Regress, request)
    assert (found, words[: len(text)]) == (code, text)


def test_regress_needs_one_input_and_output(stub: PredictionServiceStub) -> None:
    for signature, text in (("pair", "Expected one input Tensor."), ("strings", "Expected one output Tensor.")):
        request = RegressionRequest(model_spec={"name": "types", "signature_name": signature}, input=examples(1))
        assert refusal(stub.Regress, request) == (INVALID, text)


def multi(*tasks: tuple[str, str, str]) -> MultiInferenceRequest:
    request = MultiInferenceRequest(input=examples(1, 2))
    for model, signature, method in tasks:
        request.tasks.add(model_spec={"name": model, "signature_name": signature}, method_name=method)
    return request


def test_multi_inference_answers_every_task(stub: PredictionServiceStub) -> None:
    request = multi((V1, "regress_x_to_y", REGRESS), (V1, "classify_x_to_y", CLASSIFY))
    regression, classification = stub.MultiInference(request, timeout=120).results
    assert [found.value for found in regression.regression_result.regressions] == [2.5, 3.0]
    classes = classification.classification_result.classifications
    assert [found.classes[0].score for found in classes] == [2.5, 3.0]
    assert classification.model_spec.version.value == 1


def test_multi_inference_feeds_the_inputs_of_every_signature(stub: PredictionServiceStub) -> None:
    request = multi(("forms", "labelled", CLASSIFY), ("forms", "column", REGRESS), ("forms", "labels", CLASSIFY))
    request.tasks[0].model_spec.version.value = 1
    request.tasks[1].model_spec.version.value = 5
    labelled, column, labels = stub.MultiInference(request, timeout=120).results
    length = len(request.input.example_list.examples[0].SerializeToString())
    scored = [
        [(found.label, found.score) for found in row.classes] for row in labelled.classification_result.classifications
    ]
    assert scored == [[("a", length), ("ab", 0)]] * 2
    assert [found.value for found in column.regression_result.regressions] == [length] * 2
    assert labels.classification_result.classifications[1].classes[1].label == "ab"
    found = [
        (result.model_spec.signature_name, result.model_spec.version.value) for result in (labelled, column, labels)
    ]
    assert found == [("labelled", 1), ("column", 1), ("labels", 1)], "the first task's version counts for all"


@pytest.mark.parametrize(
    ("tasks", "code", "text"),
    [
        ([(V1, "regress_x_to_y", REGRESS)] * 2, INVALID, "Duplicate evaluation of signature: regress_x_to_y"),
        (
            [(V1, "regress_x_to_y", REGRESS), ("types", "a", REGRESS)],
            INVALID,
            "All ModelSpecs in a MultiInferenceRequest must access the same model name.",
        ),
        ([(V1, "regress_x_to_y", "M")], UNIMPLEMENTED, "Unsupported signature method_name: M"),
        ([(V1, "nope", REGRESS)], INVALID, "Requested signature not found in model graph: nope"),
        ([("", "a", REGRESS)], INVALID, "ModelSpec has no name specified."),
        ([], INVALID, "ModelSpec has no name specified."),
        (
            [(V1, "regress_x_to_y", REGRESS), ("", "a", REGRESS)],
            INVALID,
            "Found ModelSpec with an empty model name.",
        ),
        (
            [("forms", "labels", CLASSIFY), ("forms", "labels", REGRESS)],
            INVALID,
            "Duplicate evaluation of signature: labels",
        ),
        (
            [("forms", "labels", CLASSIFY), ("forms", "nope", REGRESS)],
            INVALID,
            "Requested signature not found in model graph: nope",
        ),
        (
            [("forms", "wide", REGRESS), ("forms", "labels", CLASSIFY)],
            INVALID,
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]",
        ),
        ([("forms", "two", CLASSIFY)], INVALID, "Expected one input Tensor."),
        ([("types", "pair", REGRESS)], INVALID, "Expected one input Tensor."),
    ],
)
def test_multi_inference_refuses(stub: PredictionServiceStub, tasks: Any, code: Any, text: str) -> None:
    assert refusal(stub.MultiInference, multi(*tasks)) == (code, text)


def test_metadata(stub: PredictionServiceStub) -> None:
    request = GetModelMetadataRequest(model_spec={"name": "half_plus_two"}, metadata_field=["signature_def"])
    answer = stub.GetModelMetadata(request, timeout=120)
    signatures = SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    assert "serving_default" in signatures.signature_def
    assert (answer.model_spec.name, answer.model_spec.version.value) == ("half_plus_two", 1)


@pytest.mark.parametrize(
    ("request_proto", "code", "text"),
    [
        (GetModelMetadataRequest(), INVALID, "Missing ModelSpec"),
        (
            GetModelMetadataRequest(model_spec={"name": "half_plus_two"}),
            INVALID,
            "GetModelMetadataRequest must specify at least one metadata_field",
        ),
        (
            GetModelMetadataRequest(model_spec={"name": "half_plus_two"}, metadata_field=["F"]),
            INVALID,
            "Metadata field F is not supported",
        ),
        (
            GetModelMetadataRequest(model_spec={"name": "m"}, metadata_field=["signature_def"]),
            NOT_FOUND,
            "Servable not found for request: Latest(m)",
        ),
    ],
)
def test_metadata_refuses(stub: PredictionServiceStub, request_proto: Any, code: Any, text: str) -> None:
    assert refusal(stub.GetModelMetadata, request_proto) == (code, text)


def test_status(models: ModelServiceStub) -> None:
    answer = models.GetModelStatus(GetModelStatusRequest(model_spec={"name": "half_plus_two"}), timeout=120)
    assert [(found.version, found.state) for found in answer.model_version_status] == [(1, 30)]
    for spec, code, text in (
        ({"name": "nope"}, NOT_FOUND, "Could not find any versions of model nope"),
        ({"signature_name": "nameless"}, NOT_FOUND, "Could not find any versions of model "),
        ({"name": "types", "version": {"value": 7}}, NOT_FOUND, "Could not find version 7 of model types"),
        (None, INVALID, "Missing ModelSpec"),
    ):
        assert refusal(models.GetModelStatus, GetModelStatusRequest(model_spec=spec)) == (code, text)


def test_health(channel: grpc.Channel) -> None:
    health = HealthStub(channel)
    for service in ("", "ModelService", "PredictionService"):
        answer = health.Check(HealthCheckRequest(service=service), timeout=120)
        assert answer.status == HealthCheckResponse.SERVING
    assert refusal(health.Check, HealthCheckRequest(service="nope"))[0] == NOT_FOUND


@pytest.mark.parametrize("version", [reflection.V1, reflection.V1ALPHA])
def test_reflection_names_every_service(channel: grpc.Channel, version: str) -> None:
    assert reflection.services(channel, version) == {
        "tensorflow.serving.PredictionService",
        "tensorflow.serving.ModelService",
        "tensorflow.ProfilerService",
        "grpc.health.v1.Health",
        reflection.V1,
        reflection.V1ALPHA,
    }


def test_reflection_has_the_descriptors_of_the_services(channel: grpc.Channel) -> None:
    assert reflection.methods(channel, "tensorflow.serving.PredictionService")[:3] == ["Classify", "Regress", "Predict"]
    assert "GetModelStatus" in reflection.methods(channel, "tensorflow.serving.ModelService")
    assert "Check" in reflection.methods(channel, "grpc.health.v1.Health")
    answer = reflection.ask(channel, file_containing_symbol="tensorflow.serving.Nope")
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_requests_are_counted(server: Any, stub: PredictionServiceStub) -> None:
    def counts() -> list[float]:
        name = ':tensorflow:serving:request_count{model_name="half_plus_three",status="%s"}'
        latency = ':tensorflow:serving:%s_latency_count{model_name="half_plus_three",API="Predict",%s}'
        return [
            server.metric(name % "OK"),
            server.metric(name % "FAILED_PRECONDITION"),
            server.metric(latency % ("request", 'entrypoint="GRPC"')),
            server.metric(latency % ("runtime", 'runtime="TF1"')),
        ]

    before = counts()
    stub.Predict(asking("half_plus_three", x=floats(1)), timeout=120)
    refusal(stub.Predict, asking("half_plus_three", "S", x=floats(1)))
    assert [after - first for after, first in zip(counts(), before, strict=True)] == [1, 1, 1, 1]


def test_random_bytes_on_the_port_harm_nobody(server: Any, stub: PredictionServiceStub) -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 5000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 500):
        with socket.create_connection(("127.0.0.1", server.rpc), 5) as connection:
            connection.sendall(data)
    assert list(stub.Predict(asking(x=floats(1)), timeout=120).outputs["y"].float_val) == [2.5]


def test_the_profiler_writes_what_tensorboard_reads(server: Any, stub: PredictionServiceStub, tmp_path: Path) -> None:
    stub.Predict(asking(x=floats(1)), timeout=120)
    tf.profiler.experimental.client.trace(f"grpc://127.0.0.1:{server.rpc}", str(tmp_path), 200)
    (trace,) = tmp_path.rglob("*.xplane.pb")
    assert b"/host:CPU" in trace.read_bytes()


def test_the_profiler_cannot_monitor(channel: grpc.Channel) -> None:
    call: RawCall = channel.unary_unary("/tensorflow.ProfilerService/Monitor")
    assert refusal(call, b"") == (UNIMPLEMENTED, "unimplemented.")
    terminate: RawCall = channel.unary_unary("/tensorflow.ProfilerService/Terminate")
    assert terminate(b"\x0a\x01x", timeout=120) == b""
