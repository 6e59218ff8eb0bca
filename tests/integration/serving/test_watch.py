"""A watch of real servers: one that goes on as before, a slow one, a failing one, one that refuses its clients."""

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from noria.contract import Watched, WatchOrder, WatchReport
from noria_trainers.steps.watch import watch
from noria_trainers.watch.pods import read_pods
from noria_trainers.watch.tally import Tally

Start = Callable[..., Any]
RATE = 100
"""Requests per second, sent when they are due whether or not earlier ones have been answered."""
QUICK = {"signature_name": "serving_default", "instances": [1.0]}
SLOW = {"signature_name": "slow", "instances": [float(2**31 - 4096)]}
REFUSED = {"signature_name": "picky", "instances": [-1.0]}
FAILING = {"signature_name": "UNIMPLEMENTED", "instances": [1.0]}


@pytest.fixture
def serve(start: Start, golden: Path, tmp_path: Path) -> Callable[[str, int], Any]:
    """Starts a server of a golden model as this version of `m`, with metrics."""
    (tmp_path / "monitoring.config").write_text("prometheus_config { enable: true }")

    def begin(model: str, version: int) -> Any:
        base = tmp_path / f"{model}-{version}"
        shutil.copytree(golden / model / "1", base / str(version))
        flags = (f"--model_base_path={base}", f"--monitoring_config_file={tmp_path}/monitoring.config")
        return start("--model_name=m", *flags)

    return begin


@contextlib.contextmanager
def asked(server: Any, body: dict[str, Any]) -> Iterator[None]:
    """The server is asked for this until the context is left."""
    stopped = threading.Event()

    def ask_on_time(pool: ThreadPoolExecutor) -> None:
        due = time.monotonic()
        while not stopped.wait(max(0.0, due - time.monotonic())):
            pool.submit(server.post, "/v1/models/m:predict", body)
            due += 1 / RATE

    with ThreadPoolExecutor(16) as pool:
        clock = threading.Thread(target=ask_on_time, args=(pool,))
        clock.start()
        try:
            yield
        finally:
            stopped.set()
            clock.join()
            pool.shutdown(cancel_futures=True)


def order(server: Any) -> WatchOrder:
    return WatchOrder(
        model="m", version=7, before=6, host="127.0.0.1", port=server.rest, duration_seconds=6, min_requests=100,
        metrics_path="/monitoring/prometheus/metrics", destination="s3://b/w/", report="s3://b/w/report.json",
    )  # fmt: skip


def test_what_a_watch_finds(serve: Callable[[str, int], Any]) -> None:
    first = serve("types", 6)
    with asked(first, QUICK):
        time.sleep(3)
    before = sum(read_pods(order(first)).of(6), Tally())
    assert before.requests > 100
    first.stop()

    def found(server: Any, body: dict[str, Any]) -> WatchReport:
        with asked(server, body):
            return watch(order(server), before, partial(read_pods, order(server)))

    second, third = serve("types", 7), serve("failures", 7)
    same = found(second, QUICK)
    assert (same.result, same.reason) == (Watched.KEPT, "Kept"), same.message
    assert same.requests > 300
    for server, body, reason in ((second, REFUSED, "Refusals"), (second, SLOW, "Slower"), (third, FAILING, "Errors")):
        report = found(server, body)
        assert (report.result, report.reason) == (Watched.BREACHED, reason), report.message
        assert "; before " in report.message
