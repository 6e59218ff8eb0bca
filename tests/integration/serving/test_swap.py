"""No request fails while versions are swapped or a server drains, under load over REST and gRPC.

NORIA_SWAPS and NORIA_DRAINS (3 and 1 by default) say how often.
"""

import contextlib
import http.client
import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest
from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse

from played_service import Service

SWAPS, DRAINS = int(os.environ.get("NORIA_SWAPS", "3")), int(os.environ.get("NORIA_DRAINS", "1"))
RATE, CLIENTS = 200, 4
SWAP_SECONDS = 1.0
AGE_SECONDS, LINGER_SECONDS = 0.5, "5"
"""How long a gRPC connection takes calls, and a draining server new ones; in a pod these are 10 and 13 seconds."""
Start = Callable[..., Any]
RawCall: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"  # generic in its stubs alone


class Load:
    """Clients that ask at RATE requests per second together, half over each protocol, on connections that they keep."""

    def __init__(self, rest: int, rpc: int) -> None:
        self.answered = [0] * CLIENTS
        self.values: set[float] = set()
        self.failures: list[str] = []
        self._stopped = threading.Event()
        asks = itertools.cycle([lambda: over_rest(rest), lambda: over_grpc(rpc)])
        self._threads = [threading.Thread(target=self._ask, args=(n, next(asks)())) for n in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        print(f"{self.answered} requests, {len(self.failures)} failed")
        assert not self.failures

    def wait(self, count: int) -> None:
        """Until each client has got so many more answers; with two, the last was asked for after this was called."""
        goals = [answered + count for answered in self.answered]
        end = time.monotonic() + 120
        while not self.failures and any(found < goal for found, goal in zip(self.answered, goals, strict=True)):
            assert time.monotonic() < end, self.answered
            time.sleep(0.02)

    def _ask(self, client: int, answers: Iterator[float]) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            due = max(due + CLIENTS / RATE, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                self.values.add(next(answers))
                self.answered[client] += 1
            except Exception as error:
                self.failures.append(repr(error))
                return
        answers.close()  # type: ignore[attr-defined]  # they are generators


def over_rest(port: int) -> Iterator[float]:
    """What the model makes of 0, again and again, on a connection that is kept as long as the server allows."""
    while True:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            is_asked_to_leave = False
            while not is_asked_to_leave:
                connection.request("POST", "/v1/models/m:predict", b'{"instances": [0]}')
                response = connection.getresponse()
                text = response.read()
                assert response.status == 200, text
                is_asked_to_leave = response.getheader("connection") == "close"
                yield float(text.partition(b"[")[2].partition(b"\n")[0])


def over_grpc(port: int) -> Iterator[float]:
    """The same over gRPC."""
    request = PredictRequest(model_spec={"name": "m"})
    request.inputs["x"].dtype = 1
    request.inputs["x"].tensor_shape.dim.add(size=1)
    request.inputs["x"].float_val.append(0)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        predict: RawCall = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        while True:
            answer = PredictResponse.FromString(predict(request.SerializeToString(), timeout=60))
            yield answer.outputs["y"].float_val[0]


@pytest.fixture
def base(golden: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    shutil.copytree(golden / "half_plus_two", folder)
    return folder


def resident(pid: int) -> int:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def is_over(server: Any, version: int) -> bool:
    """Whether a version is unloaded."""
    status = server.get(f"/v1/models/m/versions/{version}").json["model_version_status"][0]
    return bool(status["state"] == "END")


def test_versions_are_swapped_without_a_failed_request(start: Start, golden: Path, base: Path) -> None:
    server = start("--model_name=m", f"--model_base_path={base}")
    models = itertools.cycle([("half_plus_three", 3.0), ("half_plus_two", 2.0)])
    memory = []
    with Load(server.rest, server.rpc) as load:
        load.wait(20)
        for version in range(2, SWAPS + 2):
            due = time.monotonic() + SWAP_SECONDS
            model, value = next(models)
            shutil.copytree(golden / model / "1", base / "part")
            (base / "part").rename(base / str(version))
            while not is_over(server, version - 1):
                assert time.monotonic() < due + 60
                time.sleep(0.05)
            shutil.rmtree(base / str(version - 1))
            load.wait(2)
            assert load.values <= {2.0, 3.0}
            load.values.clear()
            load.wait(10)
            time.sleep(max(0, due - time.monotonic()))
            assert load.values == {value}, "a version that is gone answers nothing"
            memory.append(resident(server.process.pid))
    print(f"memory by swap, in MB: {memory}")
    third = max(1, SWAPS // 3)
    assert max(memory[-third:]) - max(memory[:third]) < 10, "what is unloaded gives its memory back"


def test_a_server_drains_without_a_failed_request(start: Start, base: Path) -> None:
    age = f"--grpc_channel_arguments=grpc.max_connection_age_ms={AGE_SECONDS * 1000:.0f}"
    flags = ("--model_name=m", f"--model_base_path={base}", age)
    servers = [start(*flags, NORIA_LINGER_SECONDS=LINGER_SECONDS) for _ in range(2)]
    serving = list(servers)
    with (
        Service(lambda: [server.rest for server in serving]) as rest,
        Service(lambda: [server.rpc for server in serving]) as rpc,
        Load(rest.port, rpc.port) as load,
    ):
        for turn in range(DRAINS):
            load.wait(20)
            leaving = servers[turn % 2]
            serving.remove(leaving)
            assert leaving.stop() == 0
            if turn + 1 < DRAINS:
                servers[turn % 2] = start(*flags, NORIA_LINGER_SECONDS=LINGER_SECONDS)
                serving.append(servers[turn % 2])
        load.wait(20)
    assert load.values == {2.0}
