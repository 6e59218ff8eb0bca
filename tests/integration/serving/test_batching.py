"""Requests that come together run together, by the server's parameters or a model's own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
HALF, SEQUENCE = "/v1/models/half:predict", "/v1/models/sequence:predict"
TOGETHER = "num_batch_threads { value: 1 } batch_timeout_micros { value: 5000000 }"
"""A batch waits long enough for all that a test sends; it runs at once when it is full."""


def model(name: str, base: Path) -> str:
    return f'config {{ name: "{name}" base_path: "{base}" model_platform: "tensorflow" }}'


@pytest.fixture
def asking(tmp_path: Path, golden: Path, start: Start) -> Callable[..., Any]:
    """Starts a server of two models with these parameters; `own` are those of `sequence` alone."""

    def begin(parameters: str, own: str | None = None) -> Any:
        (tmp_path / "sequence").mkdir()
        version = tmp_path / "sequence" / "1"
        version.mkdir()
        for path in (golden / "sequence" / "1").iterdir():
            (version / path.name).symlink_to(path)
        flags = ["--enable_batching", f"--batching_parameters_file={tmp_path}/batching"]
        if own is not None:
            (version / "batching_params.pbtxt").write_text(own)
            flags.append("--enable_per_model_batching_parameters")
        (tmp_path / "batching").write_text(parameters)
        models = model("half", golden / "half_plus_two") + model("sequence", tmp_path / "sequence")
        (tmp_path / "models").write_text(f"model_config_list {{ {models} }}")
        (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
        flags += [f"--model_config_file={tmp_path}/models", f"--monitoring_config_file={tmp_path}/monitoring"]
        return start(*flags)

    return begin


def together(server: Any, path: str, *instances: list[Any]) -> list[Any]:
    """The answers to requests that are sent at the same time."""
    with ThreadPoolExecutor(len(instances)) as pool:
        answers = list(pool.map(lambda rows: server.post(path, {"instances": rows}), instances))
    return [answer.json.get("predictions", answer.json.get("error")) for answer in answers]


def counted(server: Any, name: str) -> tuple[float, float]:
    """How many values a batching metric has, and their sum."""
    stem = f":tensorflow:serving:batching_session:{name}"
    return server.metric(f"{stem}_count"), server.metric(f"{stem}_sum")


def test_requests_share_batches_of_the_allowed_sizes(asking: Callable[..., Any]) -> None:
    server = asking(f"max_batch_size {{ value: 4 }} allowed_batch_sizes: 2 allowed_batch_sizes: 4 {TOGETHER}")
    assert together(server, HALF, *[[i] for i in range(4)]) == [[2.0], [2.5], [3.0], [3.5]]
    assert server.metric(":tensorflow:serving:batching_session:wrapped_run_count{}") == 1
    assert counted(server, "processed_batch_size") == (1, 4)
    assert counted(server, "input_batch_size") == (4, 4)
    assert server.metric(":tensorflow:serving:batching_session:queuing_latency_count{thread_pool_name=") == 1
    assert together(server, HALF, [0, 1, 2]) == [[2.0, 2.5, 3.0]], "a batch that is not full runs when its time is over"
    assert server.metric(':tensorflow:serving:batching_session:padding_size_sum{execution_batch_size="4"}') == 1
    large = server.post(HALF, {"instances": [0] * 5})
    assert (large.status, large.json["error"]) == (400, "Task size 5 is larger than maximum input batch size 4")
    found = together(server, SEQUENCE, [[[1]], [[2]]], [[[1], [2]], [[3], [4]]])
    text = "from different tasks have different shapes and padding is turned off"
    assert all(text in error for error in found), found


def test_a_model_has_parameters_of_its_own(asking: Callable[..., Any]) -> None:
    server = asking(
        "num_batch_threads { value: 2 }", f"max_batch_size {{ value: 2 }} pad_variable_length_inputs: true {TOGETHER}"
    )
    assert together(server, SEQUENCE, [[[1]]], [[[1], [2]]]) == [[[2.0]], [[3.0]]], "filled up with its first value"
    assert counted(server, "processed_batch_size") == (1, 2)
    assert together(server, HALF, [0] * 5) == [[2.0] * 5], "a model without a file is not batched"
    assert counted(server, "processed_batch_size") == (1, 2)


def test_a_full_queue_refuses(asking: Callable[..., Any]) -> None:
    server = asking(f"max_batch_size {{ value: 8 }} max_enqueued_batches {{ value: 1 }} {TOGETHER}")
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: server.post(HALF, {"instances": [0] * 5}), range(2)))
    refused, answered = sorted(found, key=lambda answer: -answer.status)
    text = "The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and "
    text += "max_enqueued_batches is 1"
    assert (refused.status, refused.json) == (503, {"error": text})
    assert answered.json == {"predictions": [2.0] * 5}


def test_large_requests_are_split_where_asked(asking: Callable[..., Any]) -> None:
    splitting = "enable_large_batch_splitting { value: true } max_execution_batch_size { value: 4 }"
    server = asking(f"max_batch_size {{ value: 10 }} {splitting} num_batch_threads {{ value: 1 }}")
    answer = server.post(HALF, {"instances": list(range(10))})
    assert answer.json == {"predictions": [2 + row / 2 for row in range(10)]}
    assert counted(server, "input_batch_size") == (1, 10)
    assert counted(server, "processed_batch_size") == (3, 10)
    large = server.post(HALF, {"instances": [0] * 11})
    assert large.json == {"error": "Task size 11 is larger than maximum input batch size 10"}


def test_a_platform_file_comes_before_the_flags(start: Start, golden: Path, tmp_path: Path) -> None:
    adapter = "type.googleapis.com/tensorflow.serving.SavedModelBundleSourceAdapterConfig"
    session = "session_config { inter_op_parallelism_threads: 3 }"
    batching = "batching_parameters { max_batch_size { value: 4 } }"
    bundle = f'legacy_config {{ {session} {batching} saved_model_tags: "serve" enable_model_warmup: true }}'
    value = f"value {{ source_adapter_config {{ [{adapter}] {{ {bundle} }} }} }}"
    (tmp_path / "platform").write_text(f'platform_configs {{ key: "tensorflow" {value} }}')
    flags = ("--enable_batching=false", "--batching_parameters_file=/none", "--saved_model_tags=none")
    server = start(*flags, f"--platform_config_file={tmp_path}/platform", f"--model_base_path={golden}/half_plus_two")
    path = "/v1/models/default:predict"
    assert server.post(path, {"instances": [0] * 4}).json == {"predictions": [2.0] * 4}
    assert server.post(path, {"instances": [0] * 5}).json == {
        "error": "Task size 5 is larger than maximum input batch size 4"
    }
