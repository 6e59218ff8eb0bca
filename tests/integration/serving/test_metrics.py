"""The page of metrics: every name, kind, label and bucket of the original."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.inference_pb2 import MultiInferenceRequest
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

Start = Callable[..., Any]
SERVING, BATCHING = ":tensorflow:serving:", ":tensorflow:serving:batching_session:"
SAVED_MODEL, CORE = ":tensorflow:cc:saved_model:", ":tensorflow:core:"
KINDS = {
    f"{SERVING}request_count": "counter",
    f"{SERVING}request_latency": "histogram",
    f"{SERVING}runtime_latency": "histogram",
    f"{SERVING}request_example_counts": "histogram",
    f"{SERVING}request_example_count_total": "counter",
    f"{SERVING}model_warmup_latency": "histogram",
    f"{SERVING}model_warmup_records_read": "counter",
    f"{SERVING}request_log_count": "counter",
    f"{SERVING}mlmd_map": "gauge",
    f"{BATCHING}queuing_latency": "histogram",
    f"{BATCHING}wrapped_run_count": "counter",
    f"{BATCHING}padding_size": "histogram",
    f"{BATCHING}input_batch_size": "histogram",
    f"{BATCHING}processed_batch_size": "histogram",
    f"{CORE}graph_runs": "counter",
    f"{CORE}graph_run_time_usecs": "counter",
    f"{CORE}graph_run_time_usecs_histogram": "histogram",
    f"{SAVED_MODEL}load_attempt_count": "counter",
    f"{SAVED_MODEL}load_latency": "counter",
}
BUCKETS = [
    ("request_latency", '{model_name="m",API="Predict",entrypoint="GRPC"', 10, 1.8, 33),
    ("request_latency", '{model_name="m",API="predict",entrypoint="REST"', 10, 1.8, 33),
    ("runtime_latency", '{model_name="m",API="Predict",runtime="TF1"', 10, 1.8, 33),
    ("request_example_counts", '{model="m"', 1, 2, 15),
    ("model_warmup_latency", '{model_path="{base}/1",status="OK"', 10, 1.8, 33),
    ("batching_session:queuing_latency", '{thread_pool_name="model_server_batch_threads"', 100, 1.2, 52),
    ("batching_session:padding_size", '{execution_batch_size="1"', 1, 2, 14),
    ("batching_session:input_batch_size", "{", 1, 2, 14),
    ("batching_session:processed_batch_size", "{", 1, 2, 14),
]
"""Metric, labels, and the bounds: scale, growth, count."""


def types(page: str) -> dict[str, str]:
    lines = [line.split() for line in page.splitlines() if line.startswith("#")]
    assert {tuple(line[:2]) for line in lines} == {("#", "TYPE")}
    assert len({line[2] for line in lines}) == len(lines)
    return {line[2]: line[3] for line in lines}


@pytest.fixture
def page(start: Start, golden: Path, tmp_path: Path) -> tuple[str, Path]:
    """The page after a request of each kind, and the base path of the model `m`."""
    base = tmp_path / "m"
    extra = base / "1" / "assets.extra"
    extra.mkdir(parents=True)
    for path in (golden / "half_plus_two_v1" / "1").iterdir():
        (base / "1" / path.name).symlink_to(path)
    extra.joinpath("mlmd_uuid").write_text("an identity")
    with tf.io.TFRecordWriter(str(extra / "tf_serving_warmup_requests")):
        pass
    (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
    flags = ("--enable_batching", f"--monitoring_config_file={tmp_path}/monitoring")
    server = start(*flags, "--model_name=m", f"--model_base_path={base}")
    assert types(server.get("/monitoring/prometheus/metrics").body) == KINDS, "before any request"
    assert server.post("/v1/models/m:predict", {"instances": [1]}).json == {"predictions": [2.5]}
    predicting = PredictRequest(model_spec={"name": "m"})
    predicting.inputs["x"].CopyFrom(tf.make_tensor_proto(np.ones(1, np.float32)))
    multi = MultiInferenceRequest()
    multi.input.example_list.examples.add().features.feature["x"].float_list.value.append(1)
    for method in ("regress", "classify"):
        multi.tasks.add(
            model_spec={"name": "m", "signature_name": f"{method}_x_to_y"}, method_name=f"tensorflow/serving/{method}"
        )
    with server.channel() as channel:
        stub = PredictionServiceStub(channel)
        stub.Predict(predicting, timeout=120)
        before = server.metric(f"{CORE}graph_runs{{}}")
        stub.MultiInference(multi, timeout=120)
        assert server.metric(f"{CORE}graph_runs{{}}") == before + 1, "all tasks in one run"
    return server.get("/monitoring/prometheus/metrics").body, base


def test_samples_have_the_originals_labels_and_buckets(page: tuple[str, Path]) -> None:
    body, base = page
    assert types(body) == KINDS
    lines = body.splitlines()
    assert f'{SERVING}request_count{{model_name="m",status="OK"}} 2' in lines
    assert f'{SERVING}request_example_count_total{{model="m"}} 1' in lines
    assert f'{SERVING}model_warmup_records_read{{model_path="{base}/1"}} 0' in lines
    assert f'{SERVING}mlmd_map{{model_name="m",version="1"}} 0' in lines
    assert f"{BATCHING}wrapped_run_count{{}} 3" in lines
    assert f'{SAVED_MODEL}load_attempt_count{{model_path="{base}/1",status="success"}} 1' in lines
    for name, labels, scale, growth, count in BUCKETS:
        stem = f"{SERVING}{name}_bucket{labels.replace('{base}', str(base))}"
        comma = "" if labels == "{" else ","
        found = [line for line in lines if line.startswith(f'{stem}{comma}le="')]
        bounds = [f"{scale * growth**power:g}" for power in range(count)] + ["+Inf"]
        assert [line.split('le="')[1].split('"')[0] for line in found] == bounds, name
        values = [int(line.rpartition(" ")[2]) for line in found]
        assert values == sorted(values), name
        total = next(line for line in lines if line.startswith(stem.replace("_bucket", "_count")))
        assert values[-1] == int(total.rpartition(" ")[2]) > 0, name
