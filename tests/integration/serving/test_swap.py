"""No request fails while versions are swapped or a server drains, under load.

NORIA_SWAPS and NORIA_DRAINS (3 and 1 by default) say how often.
"""

import http.client
import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SWAPS, DRAINS = int(os.environ.get("NORIA_SWAPS", "3")), int(os.environ.get("NORIA_DRAINS", "1"))
RATE, CLIENTS = 200, 4
BODY = b'{"instances": [0]}'
Start = Callable[..., Any]


class Load:
    """Clients that ask the servers in `ports`, on connections that they keep as long as the server allows."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.answered = 0
        self.values: set[float] = set()
        self.failures: list[str] = []
        self._stopped = threading.Event()
        self._turn = itertools.count()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection: http.client.HTTPConnection | None = None
        due = time.monotonic()
        while not self._stopped.is_set():
            due = max(due + CLIENTS / RATE, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if connection is None:
                    port = self.ports[next(self._turn) % len(self.ports)]
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("POST", "/v1/models/m:predict", BODY)
                response = connection.getresponse()
                text = response.read()
                if response.status == 200:
                    self.answered += 1
                    self.values.add(float(text.partition(b"[")[2].partition(b"\n")[0]))
                else:
                    self.failures.append(f"{response.status} {text!r}")
                if response.getheader("connection") == "close":
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                if connection:
                    connection.close()
                connection = None
        if connection:
            connection.close()


@pytest.fixture
def base(golden: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    shutil.copytree(golden / "half_plus_two", folder)
    return folder


def resident(pid: int) -> int:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def test_versions_are_swapped_without_a_failed_request(start: Start, golden: Path, base: Path) -> None:
    server = start("--model_name=m", f"--model_base_path={base}")
    models = itertools.cycle(["half_plus_three", "half_plus_two"])
    with Load([server.rest]) as load:
        time.sleep(1)
        before = resident(server.process.pid)
        for version in range(2, SWAPS + 2):
            shutil.copytree(golden / next(models) / "1", base / "part")
            (base / "part").rename(base / str(version))
            end = time.monotonic() + 60
            while server.get(f"/v1/models/m/versions/{version - 1}").json["model_version_status"][0]["state"] != "END":
                assert time.monotonic() < end
                time.sleep(0.1)
            shutil.rmtree(base / str(version - 1))
        after = resident(server.process.pid)
    assert not load.failures
    assert load.answered > SWAPS * 10
    assert load.values == {2.0, 3.0}
    assert after - before < 20 + SWAPS, "a version that is unloaded gives its memory back"


def test_a_server_drains_without_a_failed_request(start: Start, base: Path) -> None:
    flags = ("--model_name=m", f"--model_base_path={base}")
    servers = [start(*flags, NORIA_LINGER_SECONDS="1") for _ in range(2)]
    with Load([server.rest for server in servers]) as load:
        for turn in range(DRAINS):
            time.sleep(1)
            leaving = servers[turn % 2]
            load.ports.remove(leaving.rest)
            assert leaving.stop() == 0
            if turn + 1 < DRAINS:
                servers[turn % 2] = start(*flags, NORIA_LINGER_SECONDS="1")
                load.ports.append(servers[turn % 2].rest)
        time.sleep(1)
    assert not load.failures
    assert load.answered > 100
    assert load.values == {2.0}
