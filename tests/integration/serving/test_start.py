"""How the server starts, refuses to start, and ends."""

import http.client
import json
import resource
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub

from noria_serving.server.run import main

Start = Callable[..., Any]


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("TensorFlow ModelServer: ")
    assert "\nTensorFlow Library: 2." in shown
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("--model_config_file=", "NORIA_WORKERS=1", "NORIA_DRAIN_SECONDS=20"))


def test_a_bad_value_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port=eighty"]) == 255
    assert capsys.readouterr().err.startswith("Couldn't interpret value eighty for flag port.\nusage: ")


@pytest.mark.parametrize(
    ("flags", "config", "words"),
    [
        ([], None, "Both server_options.model_base_path and server_options.model_config_file are empty!"),
        (
            ["--model_base_path=relative"],
            None,
            "Expected model default to have an absolute path or URI; got base_path()",
        ),
        (["--model_config_file={root}/none"], None, "NOT_FOUND: {root}/none; No such file or directory"),
        (
            ["--model_config_file={root}/c"],
            "model_config_list { config { nam",
            "INVALID_ARGUMENT: Invalid protobuf file: '{root}/c'",
        ),
        (["--model_config_file={root}/c"], "", "INVALID_ARGUMENT: {root}/c; Invalid argument"),
        (
            ["--model_config_file={root}/c", "--grpc_socket_path={root}/none/socket"],
            "# no models",
            "INVALID_ARGUMENT: Failed to BuildAndStart gRPC server",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" } }',
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, "
            "model name is m",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" model_type: TENSORFLOW model_platform: "x" } }',
            "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, "
            "model name is m",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" model_type: OTHER } }',
            "INVALID_ARGUMENT: ModelServerConfig::model_type choice 2 not supported.",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" model_platform: "other" } }',
            "INVALID_ARGUMENT: Model m requests unsupported platform other",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "m" model_platform: "tensorflow" } }',
            "Expected model m to have an absolute path or URI; got base_path()=m",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" model_platform: "tensorflow" logging_config {} } }',
            "INVALID_ARGUMENT: No request-logger-creator provided.",
        ),
        (
            ["--model_config_file={root}/c"],
            "model_config_list { %s %s }"
            % (('config { name: "m" base_path: "/m" model_platform: "tensorflow" }',) * 2),
            "Illegal to list model m multiple times in config list",
        ),
        (
            ["--model_config_file={root}/c"],
            'model_config_list { config { name: "m" base_path: "/m" model_platform: "tensorflow" '
            'version_labels { key: "a" value: 1 } } }',
            "FAILED_PRECONDITION: Request to assign label to version 1 of model m, which is not currently available "
            "for inference",
        ),
        (
            ["--model_base_path=/m", "--batching_parameters_file=/b"],
            None,
            "INVALID_ARGUMENT: server_options.batching_parameters_file is set without setting "
            "server_options.enable_batching to true.",
        ),
        (
            [
                "--model_base_path=/m",
                "--tensorflow_session_parallelism=1",
                "--tensorflow_intra_op_parallelism=1",
                "--tensorflow_inter_op_parallelism=1",
            ],
            None,
            "INVALID_ARGUMENT: Either configure server_options.tensorflow_session_parallelism or "
            "(server_options.tensorflow_intra_op_parallelism, server_options.tensorflow_inter_op_parallelism) "
            "separately. You cannot configure all.",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "max_batch_size { value: 8 } allowed_batch_sizes: 4",
            "Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "num_batch_threads { value: 0 }",
            "INVALID_ARGUMENT: num_batch_threads must be positive; was 0",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "max_batch_size { value: 0 }",
            "INVALID_ARGUMENT: input_batch_size_limit must be positive; was 0",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "batch_timeout_micros { value: -1 }",
            "INVALID_ARGUMENT: batch_timeout_micros must be non-negative; was -1",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "max_enqueued_batches { value: 0 } enable_large_batch_splitting { value: true }",
            "INVALID_ARGUMENT: max_enqueued_batches must be positive; was 0",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "max_batch_size { value: 4 } max_execution_batch_size { value: 8 } "
            "enable_large_batch_splitting { value: true }",
            "INVALID_ARGUMENT: When enable_large_batch_splitting is true, input_batch_size_limit must be greater than "
            "or equal to max_execution_batch_size.148",
        ),
        (
            ["--model_base_path=/m", "--enable_batching", "--batching_parameters_file={root}/c"],
            "allowed_batch_sizes: 8 allowed_batch_sizes: 4",
            "INVALID_ARGUMENT: allowed_batch_sizes entries must be monotonically increasing",
        ),
        (
            ["--model_config_file={root}/c"],
            "custom_model_config {}",
            "INVALID_ARGUMENT: ModelServer does not yet support custom model config.",
        ),
        (["--model_base_path=/m", "--platform_config_file={root}/none"], None, "NOT_FOUND: {root}/none; No such file"),
        (
            ["--model_base_path=/m", "--platform_config_file={root}/c"],
            'platform_configs { key: "other" value {} }',
            "INVALID_ARGUMENT: Model default requests unsupported platform tensorflow",
        ),
        (
            ["--model_base_path=/m", "--platform_config_file={root}/c"],
            'platform_configs { key: "tensorflow" value {} }',
            "INVALID_ARGUMENT: Supplied config's type_url could not be parsed: ",
        ),
        (
            ["--model_base_path=/m", "--platform_config_file={root}/c"],
            'platform_configs { key: "tensorflow" value { source_adapter_config { type_url: "a/b.C" } } }',
            "INTERNAL: Unable to find compiled-in proto descriptor of type b.C",
        ),
        (
            ["--model_base_path=/m", "--platform_config_file={root}/c"],
            'platform_configs { key: "tensorflow" value { source_adapter_config { [a/tensorflow.ConfigProto] {} } } }',
            "INVALID_ARGUMENT: Couldn't find factory for config proto message type tensorflow.ConfigProto\nconfig=",
        ),
        (
            ["--model_base_path=/m", "--platform_config_file={root}/c"],
            'platform_configs { key: "tensorflow" value { source_adapter_config { '
            'type_url: "a/tensorflow.ConfigProto" value: "\\377" } } }',
            "INVALID_ARGUMENT: Malformed content of Any: type_url:",
        ),
        (
            ["--model_base_path=/m", "--port=0"],
            None,
            "At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.",
        ),
        (
            ["--model_base_path=/m", "--monitoring_config_file={root}/none"],
            None,
            "NOT_FOUND: {root}/none; No such file",
        ),
        (["--model_base_path=/m", "--ssl_config_file={root}/c"], 'server_key: "k"', "needs server_key and server_cert"),
        (
            ["--model_base_path=/m", "--tensorflow_session_config_file={root}/c"],
            "intra_op_threads: 1",
            "INVALID_ARGUMENT: Invalid protobuf file: '{root}/c'",
        ),
        (
            ["--model_base_path=/m", "--use_alts_credentials", "--ssl_config_file=/s"],
            None,
            "INVALID_ARGUMENT: Either use_alts_credentials must be false or ssl_config_file must be empty.",
        ),
        (
            ["--model_base_path={golden}/half_plus_two", "--saved_model_tags=serve,gpu", "--max_num_load_retries=0"],
            None,
            "NOT_FOUND: Could not find meta graph def matching supplied tags: { gpu serve }. To inspect available "
            "tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`",
        ),
        (
            ["--model_base_path={root}/empty", "--max_num_load_retries=0"],
            None,
            "UNKNOWN: 1 servable(s) did not become available: {{{name: default version: 1} due to error: NOT_FOUND: "
            "Could not find SavedModel .pb or .pbtxt at supplied export directory path: {root}/empty/1. Check that the "
            "directory exists and that you have the right permissions for accessing it.}, }",
        ),
    ],
)
def test_it_says_why_it_cannot_start(
    tmp_path: Path, golden: Path, flags: list[str], config: str | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty" / "1").mkdir(parents=True)
    if config is not None:
        (tmp_path / "c").write_text(config)
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        assert main([flag.replace("{root}", str(tmp_path)).replace("{golden}", str(golden)) for flag in flags]) == 255
    finally:
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])
    shown = capsys.readouterr().out
    assert "Failed to start server. Error: " in shown
    assert words.replace("{root}", str(tmp_path)) in shown


def test_it_needs_no_temporary_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(FileNotFoundError):
            tempfile.gettempdir()
        assert main(["--model_base_path=relative"]) == 255
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "got base_path()" in capsys.readouterr().out
    assert tempfile.gettempdir() == "/tmp", "TensorFlow asks for it as it is imported"


def test_an_unknown_argument_is_passed_over_and_a_unix_socket_served(
    start: Start, golden: Path, tmp_path: Path
) -> None:
    socket_path = tmp_path / "socket"
    server = start("--nope=1", f"--model_base_path={golden}/half_plus_two", f"--grpc_socket_path={socket_path}")
    with grpc.insecure_channel(f"unix:{socket_path}") as channel:
        request = GetModelStatusRequest(model_spec={"name": "default"})
        answer = ModelServiceStub(channel).GetModelStatus(request, timeout=120)
    assert answer.model_version_status[0].version == 1
    assert "unknown argument: --nope=1\nusage: " in server.output()
    assert server.post("/v1/models/default:predict", '{"instances": [1]}').status == 200


def test_nothing_listens_before_the_model_is_there(start: Start, golden: Path, tmp_path: Path) -> None:
    base = tmp_path / "late"
    server = start(f"--model_base_path={base}", wait=False)
    server.until_it_says("Could not find base path")
    for port in (server.rest, server.rpc):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
    shutil.copytree(golden / "half_plus_two", base)
    server.wait()
    assert server.post("/v1/models/default:predict", '{"instances": [1]}').status == 200


def test_sigterm_before_the_model_is_there_ends_it(start: Start, tmp_path: Path) -> None:
    server = start(f"--model_base_path={tmp_path}", wait=False)
    while "no versions to serve" not in server.output():
        time.sleep(0.05)
    assert server.stop() == 0


def test_sigterm_drains(start: Start, golden: Path) -> None:
    server = start(f"--model_base_path={golden}/half_plus_two", NORIA_LINGER_SECONDS="8")
    connection = http.client.HTTPConnection("127.0.0.1", server.rest, timeout=120)
    connection.request("GET", "/v1/models/default")
    first = connection.getresponse()
    first.read()
    assert first.getheader("connection") is None
    server.process.send_signal(signal.SIGTERM)
    while "draining" not in server.output():
        time.sleep(0.02)
    connection.request("GET", "/v1/models/default")
    last = connection.getresponse()
    last.read()
    assert (last.status, last.getheader("connection")) == (200, "close")
    assert server.get("/v1/models/default").status == 200, "it takes new connections while it lingers"
    assert server.process.wait(30) == 0
    logged = [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]
    assert [line["event"] for line in logged][-2:] == ["draining", "drained"]
    loaded = next(line for line in logged if line["event"] == "loaded")
    assert {"level": "info", "model": "default", "version": 1}.items() <= loaded.items()


def test_an_http_request_ends_with_its_time_limit(start: Start, golden: Path) -> None:
    server = start(f"--model_base_path={golden}/types", "--rest_api_timeout_in_ms=100")
    for _ in range(2):
        answer = server.post("/v1/models/default:predict", '{"signature_name": "slow", "instances": [0]}')
        assert answer.status == 504, answer.body


def test_a_signature_can_be_bound_to_its_method(start: Start, golden: Path) -> None:
    server = start("--enable_signature_method_name_check", f"--model_base_path={golden}/half_plus_two_v1")
    body = {"signature_name": "regress_x_to_y", "examples": [{"x": 1.0}]}
    assert server.post("/v1/models/default:regress", body).json == {"results": [2.5]}
    answer = server.post("/v1/models/default:classify", body)
    text = "Expected classification signature method_name to be tensorflow/serving/classify. Was: "
    assert (answer.status, answer.json["error"]) == (400, text + "tensorflow/serving/regress")
    body["signature_name"] = "classify_x_to_y"
    answer = server.post("/v1/models/default:regress", body)
    text = "Expected regression signature method_name to be tensorflow/serving/regress. Was: "
    assert (answer.status, answer.json["error"]) == (400, text + "tensorflow/serving/classify")
    assert server.post("/v1/models/default:predict", {"instances": [1.0]}).json == {"predictions": [2.5]}
