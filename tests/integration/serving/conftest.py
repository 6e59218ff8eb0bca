"""A running noria-server and SavedModels for it, over real sockets."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

START_SECONDS = 300
"""What a server may need to start, on the slowest machine."""


def until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Return once it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process; `rest` and `rpc` are its ports."""

    def __init__(
        self, log: Path, flags: tuple[str, ...], environment: dict[str, str], module: str = "noria_serving"
    ) -> None:
        self.rest, self.rpc, self.log = free_port(), free_port(), log
        command = [sys.executable, "-m", module, f"--port={self.rpc}", f"--rest_api_port={self.rest}", *flags]
        self._output = log.open("wb")
        self.process = subprocess.Popen(
            command, stdout=self._output, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )

    def wait(self) -> "Server":
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.output()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.rest), 1):
                return self
            time.sleep(0.05)
        raise AssertionError(f"not ready in {START_SECONDS} s: {self.output()}")

    def until_it_says(self, text: str) -> None:
        """Return once the log has the text."""
        until(lambda: text in self.output())

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def ask(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.rest, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body.encode() if isinstance(body, str) else body, headers or {})
            response = connection.getresponse()
            text = response.read().decode("utf-8", "surrogateescape")
            return Answer(response.status, text, {k.lower(): v for k, v in response.getheaders()})

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        return self.ask("POST", path, body if isinstance(body, bytes | str) else json.dumps(body))

    @contextlib.contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        with grpc.insecure_channel(f"127.0.0.1:{self.rpc}") as channel:
            yield channel

    def metric(self, line: str) -> float:
        """The value of a sample, 0 where it is not printed."""
        page = self.get("/monitoring/prometheus/metrics").body
        return next((float(found.rsplit(" ", 1)[1]) for found in page.splitlines() if found.startswith(line)), 0.0)

    def stop(self, timeout: float = 30) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._output.close()
        return self.process.returncode


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers with the given flags and stops them after the test."""
    servers: list[Server] = []

    def begin(*flags: str, wait: bool = True, module: str = "noria_serving", **environment: str) -> Server:
        environment = {"NORIA_LINGER_SECONDS": "0", **environment}
        server = Server(tmp_path / f"server-{len(servers)}.log", flags, environment, module)
        servers.append(server)
        return server.wait() if wait else server

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of golden models, each as NAME/1."""
    root = tmp_path_factory.mktemp("golden") / "models"
    root.mkdir()
    command = [sys.executable, "-m", "integration.serving.golden", str(root)]
    made = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return root


def config_text(models: dict[str, Path], more: str = "") -> str:
    """A ModelServerConfig of these models."""
    configs = (
        f'config {{ name: "{name}" base_path: "{path}" model_platform: "tensorflow" {more} }}'
        for name, path in models.items()
    )
    return "model_config_list { " + " ".join(configs) + " }"


@pytest.fixture(scope="session")
def server(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with every golden model, metrics on, for all tests that only ask."""
    root = tmp_path_factory.mktemp("server")
    models = {path.name: path for path in sorted(golden.iterdir())}
    (root / "models.config").write_text(config_text(models, 'version_labels { key: "stable" value: 1 }'))
    (root / "monitoring.config").write_text("prometheus_config { enable: true }")
    flags = (
        f"--model_config_file={root}/models.config",
        f"--monitoring_config_file={root}/monitoring.config",
        "--allow_version_labels_for_unavailable_models=true",
        "--enable_grpc_healthcheck_service",
        "--rest_api_enable_cors_support",
    )
    server = Server(root / "server.log", flags, {"NORIA_LINGER_SECONDS": "0"}).wait()
    yield server
    code = server.stop()
    assert code == 0, server.output()
    assert "Traceback" not in server.output(), server.output()
