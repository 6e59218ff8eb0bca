"""What each flag does, seen from outside. Flags of versions, batching, TLS and TFLite are in the tests of these."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

from noria_serving.server.flags import Flags

Start = Callable[..., Any]
PREDICT = "/v1/models/default:predict"
ONE = {"instances": [1]}
ELSEWHERE = {"port", "rest_api_port", "model_base_path", "version", "use_alts_credentials", "ssl_config_file"}
"""Flags that every server has, and those that would end this one or hide its port."""
EVERY = {
    "grpc_socket_path": "{root}/socket",
    "rest_api_num_threads": "3",
    "rest_api_timeout_in_ms": "20000",
    "rest_api_enable_cors_support": "true",
    "enable_batching": "1",
    "batching_parameters_file": "{root}/empty",
    "enable_per_model_batching_parameters": "TRUE",
    "allow_version_labels_for_unavailable_models": "true",
    "model_config_file": "{root}/models",
    "model_config_file_poll_wait_seconds": "60",
    "model_name": "ignored",
    "num_load_threads": "2",
    "num_unload_threads": "2",
    "max_num_load_retries": "1",
    "load_retry_interval_micros": "1000",
    "file_system_poll_wait_seconds": "2",
    "flush_filesystem_caches": "false",
    "tensorflow_session_parallelism": "0",
    "tensorflow_intra_op_parallelism": "1",
    "tensorflow_inter_op_parallelism": "1",
    "tensorflow_session_config_file": "{root}/empty",
    "platform_config_file": "",
    "per_process_gpu_memory_fraction": "0.5",
    "saved_model_tags": "serve",
    "grpc_channel_arguments": "grpc.max_concurrent_streams=50",
    "grpc_max_threads": "3",
    "enable_model_warmup": "false",
    "num_request_iterations_for_warmup": "2",
    "monitoring_config_file": "{root}/empty",
    "remove_unused_fields_from_bundle_metagraph": "false",
    "prefer_tflite_model": "true",
    "num_tflite_pools": "1",
    "num_tflite_interpreters_per_pool": "2",
    "enable_signature_method_name_check": "true",
    "xla_cpu_compilation_enabled": "true",
    "xla_gpu_compilation_enabled": "true",
    "enable_profiler": "false",
    "enable_reload_config_requests": "true",
    "thread_pool_factory_config_file": "",
    "mixed_precision": "bfloat16",
    "skip_initialize_tpu": "true",
    "enable_grpc_healthcheck_service": "true",
    "enable_serialization_as_tensor_content": "true",
}


def asking(signature: str = "", **inputs: Any) -> PredictRequest:
    request = PredictRequest(model_spec={"name": "default", "signature_name": signature})
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def is_open(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_all_flags_can_be_set_at_once(start: Start, golden: Path, tmp_path: Path) -> None:
    assert EVERY.keys() | ELSEWHERE == {flag.name for flag in fields(Flags)}
    (tmp_path / "empty").write_text("\n")
    model = f'config {{ name: "default" base_path: "{golden}/half_plus_two_v1" model_platform: "tensorflow" }}'
    (tmp_path / "models").write_text(f"model_config_list {{ {model} }}")
    flags = [f"--{name}={value.replace('{root}', str(tmp_path))}" for name, value in EVERY.items()]
    server = start(*flags, "--model_base_path=/nowhere")
    assert is_open(server.rpc)
    assert is_open(server.rest, "::1" if socket.has_dualstack_ipv6() else "127.0.0.1")
    assert server.post(PREDICT, ONE).json == {"predictions": [2.5]}, "model_config_file comes before model_base_path"
    assert server.post("/v1/models/ignored:predict", ONE).status == 404
    assert "unknown argument" not in server.output()


def test_one_port_for_both_goes_to_grpc(start: Start, golden: Path) -> None:
    server = start("--rest_api_port=0", f"--model_base_path={golden}/half_plus_two", wait=False)
    assert answers(server)
    assert not is_open(server.rest), "0 turns HTTP off"
    port = server.rest
    server = start(f"--port={port}", f"--rest_api_port={port}", f"--model_base_path={golden}/half_plus_two", wait=False)
    server.rpc = port
    assert answers(server)
    server.until_it_says("Please use a different port for HTTP/REST API. Skipped exporting HTTP/REST API.")


def answers(server: Any) -> bool:
    """Whether the gRPC port answers, once it is there."""
    with server.channel() as channel:
        answer = PredictionServiceStub(channel).Predict(
            asking(x=np.ones(1, np.float32)), wait_for_ready=True, timeout=120
        )
    return list(answer.outputs["y"].float_val) == [2.5]


def test_requests_wait_for_one_of_the_threads(start: Start, golden: Path) -> None:
    flags = ("--rest_api_num_threads=1", "--rest_api_timeout_in_ms=1500", "--grpc_max_threads=1")
    server = start(*flags, f"--model_base_path={golden}/types")
    slow = {"signature_name": "slow", "instances": [0]}
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        for found in list(pool.map(lambda _: server.post(PREDICT, slow), range(2))):
            assert found.status == 504
        assert time.monotonic() - began > 2.9, "the second one ran after the first"
    with server.channel() as channel:
        stub = PredictionServiceStub(channel)
        began = time.monotonic()
        late = stub.Predict.future(asking("slow", x=np.zeros(1, np.float32)), timeout=1.5)
        threading.Event().wait(0.3)
        assert stub.Predict(asking(x=np.ones(1, np.float32)), timeout=120).outputs["y"].float_val[0] == 1
        assert time.monotonic() - began > 1.4
        assert late.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_what_no_flag_asks_for_is_not_there(start: Start, golden: Path) -> None:
    server = start("--enable_profiler=false", f"--model_base_path={golden}/half_plus_two")
    status = server.get("/v1/models/default")
    assert not [name for name in status.headers if name.startswith("access-control")]
    assert server.get("/monitoring/prometheus/metrics").status == 404
    with server.channel() as channel:
        for method in (
            "/grpc.health.v1.Health/Check",
            "/tensorflow.ProfilerService/Monitor",
            "/tensorflow.serving.SessionService/SessionRun",
        ):
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=120)
            found = (caught.value.code(), caught.value.details())
            assert found == (grpc.StatusCode.UNIMPLEMENTED, "Method not found!"), method


def test_outputs_may_come_as_tensor_content(start: Start, golden: Path) -> None:
    server = start("--enable_serialization_as_tensor_content", f"--model_base_path={golden}/types")
    with server.channel() as channel:
        stub = PredictionServiceStub(channel)
        found = stub.Predict(asking(x=np.array([1, 2], np.float32)), timeout=120).outputs["y"]
        assert (found.tensor_content, list(found.float_val)) == (np.array([1, 2], np.float32).tobytes(), [])
        found = stub.Predict(asking("echo_string", x=np.array([b"a"])), timeout=120).outputs["y"]
        assert list(tf.make_ndarray(found)) == [b"a"]


@pytest.mark.parametrize(("config", "status"), [('enable: true path: "/x/y"', 200), ('path: "/x/y"', 404)])
def test_metrics_have_the_path_that_the_file_says(
    start: Start, golden: Path, tmp_path: Path, config: str, status: int
) -> None:
    (tmp_path / "monitoring").write_text(f"prometheus_config {{ {config} }}")
    flags = (f"--monitoring_config_file={tmp_path}/monitoring", f"--model_base_path={golden}/half_plus_two")
    server = start(*flags)
    assert server.get("/x/y").status == status
    assert server.get("/monitoring/prometheus/metrics").status == 404


def test_base_paths_are_looked_at_once_or_never(start: Start, golden: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    base.mkdir()
    (base / "1").symlink_to(golden / "half_plus_two" / "1")
    never = start("--file_system_poll_wait_seconds=-1", f"--model_base_path={base}", wait=False)
    once = start("--file_system_poll_wait_seconds=0", f"--model_base_path={base}")
    (base / "2").symlink_to(golden / "half_plus_three" / "1")
    time.sleep(3)
    assert [found["version"] for found in once.get("/v1/models/default").json["model_version_status"]] == ["1"]
    assert never.process.poll() is None
    assert not is_open(never.rest)


def test_a_load_that_fails_is_tried_as_often_as_the_flags_say(start: Start, tmp_path: Path) -> None:
    (tmp_path / "m" / "1").mkdir(parents=True)
    flags = ("--max_num_load_retries=2", "--load_retry_interval_micros=-1")
    server = start(*flags, f"--model_base_path={tmp_path}/m", wait=False)
    assert server.process.wait(120) == 255
    assert server.output().count("load failed") == 3
    assert "1 servable(s) did not become available: {{{name: default version: 1} due to error: " in server.output()


def test_sessions_have_as_many_threads_as_the_flags_say(start: Start, golden: Path, tmp_path: Path) -> None:
    (tmp_path / "session").write_text("inter_op_parallelism_threads: 7")
    base = f"--model_base_path={golden}/half_plus_two"
    for flags, count in (
        (["--tensorflow_session_parallelism=5"], 5),
        (["--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=6"], 6),
        ([f"--tensorflow_session_config_file={tmp_path}/session"], 7),
        ([f"--tensorflow_session_config_file={tmp_path}/session", "--tensorflow_session_parallelism=3"], 3),
    ):
        server = start(*flags, base)
        names = [path.read_text() for path in Path(f"/proc/{server.process.pid}/task").glob("*/comm")]
        assert names.count("tf_Compute\n") == count, (flags, names)
        server.stop()


def test_the_images_entry_point_serves_the_model_that_the_environment_names(start: Start, golden: Path) -> None:
    environment = {"MODEL_NAME": "half_plus_two", "MODEL_BASE_PATH": str(golden)}
    server = start(module="noria_serving.entrypoint", **environment)
    assert server.post("/v1/models/half_plus_two:predict", ONE).json == {"predictions": [2.5]}
    server = start(module="noria_serving.entrypoint", wait=False)
    while "Could not find base path" not in server.output():
        time.sleep(0.1)
    assert "Could not find base path /models/model for servable model" in server.output()
