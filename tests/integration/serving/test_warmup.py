"""Recorded requests are replayed before a version serves; what fails there is never served."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

Start = Callable[..., Any]
EXAMPLE = 'input { example_list { examples { features { feature { key: "x" value { float_list { value: 1 } } } } } } }'


def predicting(value: Any) -> PredictionLog:
    log = PredictionLog()
    log.predict_log.request.model_spec.name = "m"
    log.predict_log.request.inputs["x"].CopyFrom(tf.make_tensor_proto(value))
    return log


def recorded(text: str) -> PredictionLog:
    return text_format.Parse(text, PredictionLog())


def spec(signature: str) -> str:
    return f'model_spec {{ name: "m" signature_name: "{signature}" }}'


GOOD = [
    predicting(np.array([1, 2], np.float32)),
    recorded(f"classify_log {{ request {{ {spec('classify_x_to_y')} {EXAMPLE} }} }}"),
    recorded(f"regress_log {{ request {{ {spec('regress_x_to_y')} {EXAMPLE} }} }}"),
    recorded(
        f"multi_inference_log {{ request {{ {EXAMPLE} "
        f'tasks {{ {spec("regress_x_to_y")} method_name: "tensorflow/serving/regress" }} '
        f'tasks {{ {spec("classify_x_to_y")} method_name: "tensorflow/serving/classify" }} }} }}'
    ),
]
BAD = {
    2: ([predicting(np.array([1], np.int32))], "INVALID_ARGUMENT", "Expects arg[0] to be float but int32 is provided"),
    3: (
        [GOOD[0]] * 1001,
        "INVALID_ARGUMENT",
        "Number of warmup records exceeds the maximum (1000) at {base}/3/assets.extra/",
    ),
    4: ([recorded("session_run_log {}")], "UNIMPLEMENTED", "Unsupported log_type for warmup: 5"),
    5: ([b"\xff\xff"], "INVALID_ARGUMENT", "Failed to parse warmup record: \ufffd\ufffd from {base}/5/assets.extra/"),
    7: (
        [recorded("predict_streamed_log {}")],
        "UNIMPLEMENTED",
        "Unsupported log_type for warmup: 7",
    ),
    6: (
        None,
        "DATA_LOSS",
        "corrupted record at 0 (Is this even a TFRecord file?). Please verify your warmup data is in TFRecord format.",
    ),
}


def put(golden: Path, base: Path, version: int, records: list[Any] | None) -> None:
    folder = base / f".{version}"
    shutil.copytree(golden / "half_plus_two_v1" / "1", folder)
    extra = folder / "assets.extra"
    extra.mkdir()
    file = str(extra / "tf_serving_warmup_requests")
    if records is None:
        Path(file).write_bytes(b"no records" * 10)
    else:
        with tf.io.TFRecordWriter(file) as writer:
            for record in records:
                writer.write(record if isinstance(record, bytes) else record.SerializeToString())
    folder.rename(base / str(version))


@pytest.fixture
def monitoring(tmp_path: Path) -> str:
    (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
    return f"--monitoring_config_file={tmp_path}/monitoring"


def test_records_are_replayed_and_bad_ones_fail_the_load(
    start: Start, golden: Path, tmp_path: Path, monitoring: str
) -> None:
    base = tmp_path / "m"
    put(golden, base, 1, GOOD)
    config = tmp_path / "models"
    policy = "model_version_policy { all {} }"
    config.write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{base}" model_platform: "tensorflow" {policy} }} }}'
    )
    flags = ("--num_request_iterations_for_warmup=3", "--max_num_load_retries=0", monitoring)
    server = start(f"--model_config_file={config}", *flags)
    path = f'{{model_path="{base}/1"'
    assert server.metric(f":tensorflow:serving:model_warmup_records_read{path}}}") == 4
    assert server.metric(f':tensorflow:serving:model_warmup_latency_count{path},status="OK"}}') == 1
    assert server.metric(":tensorflow:core:graph_runs{}") == 4 * 3
    assert server.metric(":tensorflow:core:graph_run_time_usecs{}") > 0
    assert server.metric(f':tensorflow:cc:saved_model:load_attempt_count{path},status="success"}}') == 1
    assert server.metric(f":tensorflow:cc:saved_model:load_latency{path}}}") > 1000
    for version, (records, _, _) in BAD.items():
        put(golden, base, version, records)
    end = time.monotonic() + 120
    while True:
        found = {int(v["version"]): v for v in server.get("/v1/models/m").json["model_version_status"]}
        if found.keys() == {1, *BAD} and all(found[version]["state"] == "END" for version in BAD):
            break
        assert time.monotonic() < end, found
        time.sleep(0.1)
    assert found[1]["state"] == "AVAILABLE"
    for version, (_, code, words) in BAD.items():
        status = found[version]["status"]
        assert (status["error_code"], words.replace("{base}", str(base)) in status["error_message"]) == (code, True), (
            status
        )


def test_warm_up_can_be_off(start: Start, golden: Path, tmp_path: Path, monitoring: str) -> None:
    put(golden, tmp_path / "m", 1, BAD[2][0])
    server = start("--enable_model_warmup=false", f"--model_base_path={tmp_path}/m", monitoring)
    assert server.metric(":tensorflow:core:graph_runs{}") == 0
