"""Versions and models come and go while the server answers."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import text_format
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.model_management_pb2 import ReloadConfigRequest
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from integration.serving.conftest import until
from integration.serving.reflection import services

Start = Callable[..., Any]
RELOAD = "--enable_reload_config_requests"
QUICK = ("--max_num_load_retries=0", "--load_retry_interval_micros=0")


def put(golden: Path, model: str, base: Path, version: str) -> None:
    """A version that appears at once."""
    base.mkdir(parents=True, exist_ok=True)
    shutil.copytree(golden / model / "1", base / f".{version}.part")
    (base / f".{version}.part").rename(base / version)


def states(server: Any, model: str = "default") -> dict[int, str]:
    answer = server.get(f"/v1/models/{model}").json
    return {int(v["version"]): v["state"] for v in answer.get("model_version_status", [])}


def value(server: Any, at: str = "", model: str = "default") -> float | int:
    """What the model makes of 0, or the status where it makes nothing."""
    answer = server.post(f"/v1/models/{model}{at}:predict", '{"instances": [0]}')
    return answer.json["predictions"][0] if answer.status == 200 else answer.status


def test_the_latest_version_replaces_the_one_before(start: Start, golden: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    put(golden, "half_plus_two", base, "1")
    server = start(f"--model_base_path={base}", *QUICK)
    assert value(server) == 2.0
    put(golden, "half_plus_three", base, "00000002")
    until(lambda: states(server) == {2: "AVAILABLE", 1: "END"})
    assert (value(server), value(server, "/versions/2"), value(server, "/versions/1")) == (3.0, 3.0, 404)
    (base / "3").mkdir()
    until(lambda: states(server).get(3) == "END")
    status = server.get("/v1/models/default/versions/3").json["model_version_status"][0]["status"]
    assert status["error_code"] == "NOT_FOUND"
    assert "Could not find SavedModel" in status["error_message"]
    assert value(server) == 3.0, "what cannot be loaded replaces nothing"
    shutil.rmtree(base / "3")
    shutil.rmtree(base / "00000002")
    until(lambda: states(server) == {3: "END", 2: "END", 1: "AVAILABLE"})
    assert value(server) == 2.0
    base.rename(tmp_path / "elsewhere")
    time.sleep(2)
    assert value(server) == 2.0, "a missing base path keeps what is loaded"
    base.mkdir()
    until(lambda: states(server)[1] == "END")
    assert value(server) == 404, "an empty one unloads everything"
    put(golden, "half_plus_two", base, "1")
    until(lambda: states(server)[1] == "AVAILABLE")


def write_config(path: Path, *models: str) -> None:
    path.with_suffix(".new").write_text(f"model_config_list {{ {' '.join(models)} }}")
    path.with_suffix(".new").rename(path)


def config(name: str, base: Path, more: str = "") -> str:
    return f'config {{ name: "{name}" base_path: "{base}" model_platform: "tensorflow" {more} }}'


BOTH = "model_version_policy { specific { versions: 1 versions: 2 } }"


def label(name: str, version: int) -> str:
    return f'version_labels {{ key: "{name}" value: {version} }}'


def test_a_configuration_file_is_applied_as_it_changes(start: Start, golden: Path, tmp_path: Path) -> None:
    base, file = tmp_path / "m", tmp_path / "models.config"
    put(golden, "half_plus_two", base, "1")
    put(golden, "half_plus_three", base, "2")
    write_config(file, config("m", base, BOTH + label("stable", 1) + label("canary", 2)))
    server = start(
        f"--model_config_file={file}",
        "--model_config_file_poll_wait_seconds=1",
        "--allow_version_labels_for_unavailable_models=true",
        *QUICK,
    )
    until(lambda: states(server, "m") == {1: "AVAILABLE", 2: "AVAILABLE"})
    assert states(server, "m/labels/stable") == states(server, "m"), "by label it is the status of all versions"
    assert [value(server, at, "m") for at in ("", "/labels/stable", "/labels/canary")] == [3.0, 2.0, 3.0]
    write_config(file, config("m", base, BOTH + label("stable", 2)), config("n", golden / "half_plus_two"))
    until(lambda: value(server, "", "n") == 2.0)
    assert [value(server, at, "m") for at in ("/labels/stable", "/labels/canary")] == [3.0, 400]
    write_config(file, "config { broken")
    until(lambda: "configuration not applied" in server.output())
    assert value(server, "", "m") == 3.0
    file.write_text("\n")
    text = "Cannot transition to requested config. It is only legal to transition from one ModelConfigList to another."
    until(lambda: text in server.output())
    assert (value(server, "", "m"), value(server, "", "n")) == (3.0, 2.0)
    write_config(file, config("m", base, BOTH + label("stable", 7)))
    until(lambda: "Request to assign label to version 7 of model m" in server.output())
    assert value(server, "/labels/stable", "m") == 3.0
    write_config(file, config("m", base, "model_version_policy { all {} }"))
    until(lambda: value(server, "", "n") == 404)
    until(lambda: states(server, "n") == {1: "END"})


def reloading(*models: str, metrics: tuple[str, ...] = ()) -> ReloadConfigRequest:
    parsed = text_format.Parse(f"model_config_list {{ {' '.join(models)} }}", ModelServerConfig())
    return ReloadConfigRequest(config=parsed, metric_names=metrics)


def test_nobody_changes_what_is_served_unless_the_server_was_started_for_that(start: Start, golden: Path) -> None:
    server = start("--model_name=a", f"--model_base_path={golden}/half_plus_two", *QUICK)
    with server.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        ModelServiceStub(channel).HandleReloadConfigRequest(reloading(config("b", golden / "half_plus_three")))
    assert (caught.value.code().name, caught.value.details()) == (
        "PERMISSION_DENIED",
        "HandleReloadConfigRequest is off: start the server with --enable_reload_config_requests",
    )
    assert (value(server, "", "a"), value(server, "", "b")) == (2.0, 404)


def test_a_reload_request_returns_when_new_models_are_there(start: Start, golden: Path) -> None:
    server = start("--model_name=a", f"--model_base_path={golden}/half_plus_two", RELOAD, *QUICK)
    a, b = config("a", golden / "half_plus_two"), config("b", golden / "half_plus_three")
    with server.channel() as channel:
        service = ModelServiceStub(channel)
        asked = reloading(a, b, metrics=("/tensorflow/serving/request_count",))
        answer = service.HandleReloadConfigRequest(asked, timeout=60)
        assert value(server, "", "b") == 3.0
        assert answer.status.error_code == 0
        assert [metric.name for metric in answer.metric] == ["/tensorflow/serving/request_count"]
        (metric,) = answer.metric
        service.HandleReloadConfigRequest(asked, timeout=60)
        assert metric.int64_value_increase == 0, "none was asked meanwhile"
        other = config("a", golden / "half_plus_two").replace("tensorflow", "other")
        logged = config("c", golden / "half_plus_two", "logging_config {}")
        for request, code, words in (
            (
                ReloadConfigRequest(),
                "INVALID_ARGUMENT",
                "ServerModelConfig type not supported by HandleReloadConfigRequest. "
                "Only ModelConfigList is currently supported",
            ),
            (reloading(a, b, logged), "INVALID_ARGUMENT", "No request-logger-creator provided."),
            (
                reloading(other),
                "INVALID_ARGUMENT",
                "Illegal to change a model's platform. For model a platform was tensorflow and new platform requested "
                "is other",
            ),
            (reloading(a, a), "INVALID_ARGUMENT", "Illegal to list model a multiple times in config list"),
            (
                reloading(config("a", golden / "half_plus_two", label("x", 1) + label("y", 9))),
                "FAILED_PRECONDITION",
                "Request to assign label to version 9 of model a, which is not currently available for inference",
            ),
        ):
            with pytest.raises(grpc.RpcError) as caught:
                service.HandleReloadConfigRequest(request, timeout=60)
            assert caught.value.code().name == code
            assert words in (caught.value.details() or "")
        assert (value(server, "", "a"), value(server, "", "b")) == (2.0, 3.0)
        service.HandleReloadConfigRequest(reloading(b), timeout=60)
    until(lambda: value(server, "", "a") == 404)


def test_a_reload_says_ok_only_for_models_that_are_there(start: Start, golden: Path, tmp_path: Path) -> None:
    (tmp_path / "broken" / "1").mkdir(parents=True)
    a, b = config("a", golden / "half_plus_two"), config("b", tmp_path / "broken")
    server = start("--model_name=a", f"--model_base_path={golden}/half_plus_two", RELOAD, *QUICK)
    with server.channel() as channel:
        service = ModelServiceStub(channel)
        for _ in range(2):
            with pytest.raises(grpc.RpcError) as caught:
                service.HandleReloadConfigRequest(reloading(a, b), timeout=60)
            assert caught.value.code() is grpc.StatusCode.UNKNOWN
            assert "did not become available: {{{name: b version: 1} due to error: " in (caught.value.details() or "")
        assert (value(server, "", "a"), value(server, "", "b")) == (2.0, 404)
        service.HandleReloadConfigRequest(reloading(a, config("b", golden / "half_plus_three")), timeout=60)
        assert (value(server, "", "a"), value(server, "", "b")) == (2.0, 3.0), "the same version elsewhere is another"


def test_calls_have_as_many_threads_as_the_flag_says_and_health_has_its_own(
    start: Start, golden: Path, tmp_path: Path
) -> None:
    threads = 4 * (os.cpu_count() or 1) + 2
    served = (f"--model_base_path={golden}/half_plus_two", "--model_name=a")
    server = start(*served, RELOAD, f"--grpc_max_threads={threads}", "--enable_grpc_healthcheck_service")
    a, missing = config("a", golden / "half_plus_two"), config("m", tmp_path / "missing")
    with server.channel() as channel:
        service = ModelServiceStub(channel)
        status = GetModelStatusRequest(model_spec={"name": "a"})
        asked = [reloading(a, missing) for _ in range(threads)]
        waiting = [service.HandleReloadConfigRequest.future(each, timeout=600) for each in asked[1:]]
        assert service.GetModelStatus(status, timeout=120).model_version_status[0].version == 1
        waiting.append(service.HandleReloadConfigRequest.future(asked[0], timeout=600))
        health = HealthStub(channel).Check(HealthCheckRequest(), timeout=120)
        assert health.status == HealthCheckResponse.SERVING
        assert "grpc.health.v1.Health" in services(channel)
        for call in waiting:
            assert not call.done()
            call.cancel()
        assert service.GetModelStatus(status, timeout=120), "a reload that nobody waits for frees its thread"


def test_a_load_is_tried_again(start: Start, golden: Path, tmp_path: Path) -> None:
    base = tmp_path / "m"
    (base / "1").mkdir(parents=True)
    flags = ("--max_num_load_retries=200", "--load_retry_interval_micros=100000")
    server = start(f"--model_base_path={base}", *flags, wait=False)
    server.until_it_says('"attempt": 2')
    shutil.copytree(golden / "half_plus_two" / "1", base / "1", dirs_exist_ok=True)
    server.wait()
    assert value(server) == 2.0


def test_an_empty_configuration_serves_no_models(start: Start, golden: Path, tmp_path: Path) -> None:
    file = tmp_path / "models.config"
    file.write_text("\n")
    server = start(f"--model_config_file={file}", "--model_config_file_poll_wait_seconds=1")
    assert server.get("/v1/models/m").status == 404
    write_config(file, config("m", golden / "half_plus_two"))
    until(lambda: value(server, "", "m") == 2.0)


def test_a_missing_base_path_holds_up_the_models_after_it(start: Start, golden: Path, tmp_path: Path) -> None:
    file, late = tmp_path / "models.config", tmp_path / "late"
    write_config(
        file,
        *(
            config(name, path)
            for name, path in (
                ("first", golden / "half_plus_two"),
                ("late", late),
                ("last", golden / "half_plus_three"),
            )
        ),
    )
    server = start(f"--model_config_file={file}", wait=False)
    until(lambda: "loaded" in server.output())
    text = f"Could not find base path {late} for servable late with error "
    text = f"FileSystemStoragePathSource encountered a filesystem access error: {text}"
    until(lambda: server.output().count(text) > 1)
    assert '"model": "last"' not in server.output()
    late.mkdir()
    until(lambda: "no versions to serve" in server.output())
    put(golden, "half_plus_two", late, "1")
    server.wait()
    assert [value(server, "", name) for name in ("first", "late", "last")] == [2.0, 2.0, 3.0]


def test_a_version_that_fails_is_loading_while_it_is_tried_and_comes_back_when_it_is_put_anew(
    start: Start, golden: Path, tmp_path: Path
) -> None:
    base = tmp_path / "m"
    put(golden, "half_plus_two", base, "1")
    flags = ("--max_num_load_retries=12", "--load_retry_interval_micros=500000")
    server = start(f"--model_base_path={base}", *flags)
    (base / "2").mkdir()
    server.until_it_says('"attempt": 2')
    assert states(server) == {2: "LOADING", 1: "AVAILABLE"}
    until(lambda: states(server) == {2: "END", 1: "AVAILABLE"})
    shutil.copytree(golden / "half_plus_three" / "1", base / "2", dirs_exist_ok=True)
    time.sleep(2)
    assert states(server) == {2: "END", 1: "AVAILABLE"}, "a version that failed is not tried again"
    for seconds in (3, 10, 30):  # until the server has looked while it was away
        (base / "2").rename(tmp_path / "2")
        time.sleep(seconds)
        (tmp_path / "2").rename(base / "2")
        with contextlib.suppress(AssertionError):
            until(lambda: states(server) == {2: "AVAILABLE", 1: "END"}, 10)
            break
    until(lambda: states(server) == {2: "AVAILABLE", 1: "END"})
    assert value(server) == 3.0


def test_specific_versions_that_are_missing_are_served_as_they_come(start: Start, golden: Path, tmp_path: Path) -> None:
    base, file = tmp_path / "m", tmp_path / "models.config"
    put(golden, "half_plus_two", base, "1")
    write_config(file, config("m", base, "model_version_policy { specific { versions: 5 } }"))
    server = start(f"--model_config_file={file}", wait=False)
    until(lambda: "no versions to serve" in server.output())
    put(golden, "half_plus_three", base, "5")
    server.wait()
    assert states(server, "m") == {5: "AVAILABLE"}
