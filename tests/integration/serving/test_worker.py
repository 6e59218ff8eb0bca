"""Several processes on the same ports answer as one server, and one that crashes is replaced."""

import contextlib
import errno
import http.client
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import text_format
from tensorflow_serving.apis.model_management_pb2 import ReloadConfigRequest
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from integration.serving.conftest import until

Start = Callable[..., Any]


def workers(server: Any) -> set[int]:
    """The processes of a server."""
    return set(map(int, Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()))


def sockets(server: Any) -> int:
    """How many of its processes listen for HTTP."""
    listening = Path("/proc/net/tcp6").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{server.rest:04X}") and line.split()[3] == "0A" for line in listening)


STABLE = 'version_labels { key: "stable" value: 1 }'


def reloading(golden: Path, *models: str, more: str = "") -> ReloadConfigRequest:
    configs = (
        f'config {{ name: "{m}" base_path: "{golden / m}" model_platform: "tensorflow" {more} }}' for m in models
    )
    return ReloadConfigRequest(
        config=text_format.Parse(f"model_config_list {{ {' '.join(configs)} }}", ModelServerConfig())
    )


def reload(server: Any, request: ReloadConfigRequest) -> None:
    with server.channel() as channel:
        ModelServiceStub(channel).HandleReloadConfigRequest(request, timeout=60)


def values(server: Any, model: str, count: int = 12) -> set[Any]:
    """What requests get that come over connections of their own, so that the kernel spreads them."""
    answers = [server.post(f"/v1/models/{model}:predict", {"instances": [0]}) for _ in range(count)]
    return {answer.json["predictions"][0] if answer.status == 200 else answer.status for answer in answers}


def test_processes_answer_as_one_server_and_one_that_crashes_is_replaced(
    start: Start, golden: Path, tmp_path: Path
) -> None:
    (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
    flags = ["--model_name=crashing", f"--model_base_path={golden}/crashing", "--enable_reload_config_requests"]
    flags.append("--max_num_load_retries=0")
    server = start(*flags, f"--monitoring_config_file={tmp_path}/monitoring", NORIA_WORKERS="2")
    until(lambda: sockets(server) == 2)
    first = workers(server)
    assert len(first) == 2
    assert values(server, "crashing") == {0.0}
    counted = ':tensorflow:serving:request_count{model_name="crashing",status="OK"}'
    assert server.metric(counted) == 12, "metrics are the sum of all processes'"

    reload(server, reloading(golden, "crashing", "half_plus_two"))
    assert values(server, "half_plus_two") == {2.0}
    with pytest.raises(grpc.RpcError, match="Illegal to list model crashing multiple times"):
        reload(server, reloading(golden, "crashing", "crashing"))
    found = server.get("/v1/models/half_plus_two").json["model_version_status"]
    assert [(version["version"], version["state"]) for version in found] == [("1", "AVAILABLE")]

    reload(server, reloading(golden, "crashing", "half_plus_two", more=STABLE))
    assert values(server, "half_plus_two/labels/stable") == {2.0}
    broken = reloading(golden, "crashing", "half_plus_two", more=STABLE)
    (tmp_path / "broken" / "1").mkdir(parents=True)
    broken.config.MergeFrom(reloading(tmp_path, "broken").config)
    with pytest.raises(grpc.RpcError, match=r"did not become available: .*name: broken version: 1"):
        reload(server, broken)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        server.post("/v1/models/crashing:predict", {"instances": [-1]})
    until(lambda: len(workers(server) & first) == 1)
    assert values(server, "half_plus_two") == {2.0}, "the other process goes on"
    until(lambda: sockets(server) == 2)
    assert len(workers(server) - first) == 1
    assert "worker died" in server.output()
    assert values(server, "half_plus_two/labels/stable") == {2.0}, "the new one serves what was set by the reload"
    last = workers(server)
    assert server.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in last)


def test_it_says_why_it_cannot_start(start: Start, golden: Path, tmp_path: Path) -> None:
    server = start(f"--model_base_path={tmp_path}/c", "--model_config_file=/none", wait=False, NORIA_WORKERS="2")
    assert server.process.wait(120) == 255
    assert "Failed to start server. Error: NOT_FOUND: /none; No such file or directory" in server.output()
    with contextlib.closing(socket.create_server(("", 0))) as taken:
        port = taken.getsockname()[1]
        server = start(f"--model_base_path={golden}/half_plus_two", f"--port={port}", wait=False, NORIA_WORKERS="2")
        assert server.process.wait(120) == 255
    assert f"Failed to start server. Error: [Errno {errno.EADDRINUSE}]" in server.output()
    server = start(f"--model_base_path={golden}/half_plus_two", wait=False, NORIA_WORKERS="many")
    assert server.process.wait(120) == 255
    assert "NORIA_WORKERS is no number of processes: many" in server.output()
