"""What a watch concludes from the counters of serving pods, and how it reads them."""

import http.server
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from noria.contract import Watched, WatchOrder, WatchReport, replaced
from noria_serving.server.metrics import Metrics
from noria_store.store import Store
from noria_trainers.steps.watch import run, watch
from noria_trainers.watch import pods
from noria_trainers.watch.median import Median, median_of
from noria_trainers.watch.pods import Pod, Reading
from noria_trainers.watch.rule import fault_of
from noria_trainers.watch.tally import Tally, read_tally
from noria_trainers.watch.window import Window


def tally(
    milliseconds: float = 2.0, *, answered: int = 1000, errors: int = 0, refusals: int = 0, model: str = "m"
) -> Tally:
    """What a server's page says after so many requests, all of which took equally long."""
    metrics = Metrics()
    for _ in range(answered):
        metrics.request_latency.add(milliseconds * 1000, model, "Predict", "REST")
    for status, count in {"OK": answered, "INTERNAL": errors, "INVALID_ARGUMENT": refusals}.items():
        metrics.request_count.add(model, status, count=count)
    return read_tally(metrics.page(), model)


NOTHING = Tally()
BEFORE = tally()


def test_a_page_is_read_for_one_model_and_without_probes() -> None:
    metrics = Metrics()
    for model, latency in (("m", 900.0), ("m", 1700.0), ("other", 1.0)):
        metrics.request_latency.add(latency, model, "Predict", "GRPC")
    metrics.request_count.add("m", "OK", count=99)  # metadata, asked by the kubelet
    for status, count in (("UNAVAILABLE", 2), ("NOT_FOUND", 3)):
        metrics.request_count.add("m", status, count=count)
    found = read_tally(metrics.page(), "m")
    assert (found.answered, found.errors, found.refusals, found.mean) == (2, 2, 3, 1300.0)


@pytest.mark.parametrize(
    "page",
    [
        "<html>",
        "{",
        ':tensorflow:serving:request_latency_bucket{model_name="m"} 1',
        ":tensorflow:serving:request_count{model_name=",
    ],
)
def test_what_is_no_page_is_refused(page: str) -> None:
    with pytest.raises(ValueError):
        read_tally(page, "m")


def test_numbers_that_count_nothing_are_left_out() -> None:
    page = "\n".join(
        f':tensorflow:serving:request_count{{model_name="m",status="{status}"}} {value}'
        for status, value in (("INTERNAL", "NaN"), ("UNKNOWN", "-5"), ("DATA_LOSS", "+Inf"), ("UNAVAILABLE", "3"))
    )
    assert read_tally(f"# TYPE :tensorflow:serving:request_count counter\n{page}\n", "m").errors == 3


def test_a_quantile_lies_in_its_bucket() -> None:
    found = tally(2.0, answered=90) + tally(50.0, answered=10)
    for share, latency in ((0.5, 2000), (0.99, 50_000)):
        bucket = found.bucket(share)
        assert bucket.low < found.quantile(share) < bucket.high
        assert bucket.low < latency <= bucket.high
    assert NOTHING.quantile(0.5) == 0.0
    assert median_of(NOTHING) == Median(0.0, 0.0, 0.0)


def test_a_latency_above_all_bounds_is_at_least_the_last_one() -> None:
    found = tally(1e7)
    assert found.quantile(0.5) == median_of(found).value == found.below[-1][0]


@pytest.mark.parametrize("answered", [0, 1, 10, 99])
def test_a_page_that_is_read_while_its_server_counts_is_no_error(answered: int) -> None:
    behind = replaced(tally(2.0, answered=100), answered=answered)
    found = median_of(behind)
    assert 0 <= found.value <= behind.bucket(0.5).high


BOUNDS = np.asarray([bound for bound, _ in BEFORE.below])


def drawn(rng: np.random.Generator, median: float, sigma: float, count: int) -> Tally:
    """The counters of so many log-normal latencies; sigma is that of their logarithms."""
    latencies = median * np.exp(sigma * rng.normal(size=count))
    counts = np.searchsorted(np.sort(latencies), BOUNDS, side="right")
    below = tuple(zip(BOUNDS.tolist(), counts.tolist(), strict=True))
    return Tally(answered=count, microseconds=float(f"{latencies.sum():g}"), below=below)


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.2, 0.4, 0.8])
@pytest.mark.parametrize("place", [0.0, 0.2, 0.4, 0.6, 0.8], ids=lambda place: f"{place} of a bucket")
def test_a_median_1_6_times_as_large_is_slower_and_one_1_2_times_is_not(sigma: float, place: float) -> None:
    """Whatever the latencies' spread, and wherever between two bounds, which are 1.8-fold apart."""
    rng = np.random.default_rng(7)
    median = BOUNDS[9] * (BOUNDS[10] / BOUNDS[9]) ** place
    faults = {
        times: [
            fault_of(Window(drawn(rng, times * median, sigma, 500)), drawn(rng, median, sigma, 2000)) for _ in range(10)
        ]
        for times in (1.0, 1.2, 1.6)
    }
    assert not any(faults[1.0])
    assert not any(faults[1.2])
    assert sum(bool(fault) for fault in faults[1.6]) >= 8


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        pytest.param(tally(answered=100), BEFORE, None, id="as before"),
        pytest.param(tally(answered=97, errors=3), BEFORE, "Errors", id="3 % fail, and none did"),
        pytest.param(tally(answered=19, errors=1), BEFORE, None, id="one of twenty fails, which may be chance"),
        pytest.param(
            tally(answered=95, errors=5), tally(answered=950, errors=50), None, id="fails as often as the one before"
        ),
        pytest.param(tally(answered=80, refusals=20), BEFORE, None, id="some more refused: the clients' own doing"),
        pytest.param(tally(answered=40, refusals=60), BEFORE, "Refusals", id="most are refused, and none was"),
        pytest.param(
            tally(answered=40, refusals=60), tally(answered=400, refusals=600), None, id="most were refused before"
        ),
        pytest.param(tally(4.0, answered=100), BEFORE, "Slower", id="twice as slow"),
        pytest.param(tally(8.0, answered=100), BEFORE, "Slower", id="four times as slow"),
        pytest.param(tally(1.0, answered=100), BEFORE, None, id="faster"),
        pytest.param(tally(1.12, answered=100), tally(1.1), None, id="2 % slower, on the two sides of a bound"),
        pytest.param(
            tally(8.0, answered=100),
            tally(2.0, answered=900) + tally(1000.0, answered=20),
            "Slower",
            id="four times as slow; some slow ones before make its mean large",
        ),
        pytest.param(
            tally(2.0, answered=100) + tally(5000.0, answered=2), BEFORE, None, id="a few slow ones: the median decides"
        ),
        pytest.param(tally(8.0, answered=19), BEFORE, None, id="slow, and too few to tell"),
        pytest.param(tally(4000.0, answered=100), None, None, id="slow, nothing known of before"),
        pytest.param(tally(answered=98, errors=2), None, None, id="a few fail, nothing known of before"),
        pytest.param(tally(answered=80, errors=20), None, "Errors", id="a fifth fails, nothing known of before"),
        pytest.param(tally(answered=50, refusals=50), None, None, id="half are refused, nothing known of before"),
        pytest.param(tally(answered=0, refusals=100), None, "Refusals", id="all are refused, nothing known of before"),
        pytest.param(tally(answered=0, errors=20), BEFORE, "Errors", id="all fail"),
    ],
)
def test_what_is_bad_about_a_window(now: Tally, before: Tally | None, reason: str | None) -> None:
    fault = fault_of(Window(now), before)
    assert (fault and fault.reason) == reason


def test_a_window_without_requests_is_bad_where_nothing_answers() -> None:
    assert fault_of(Window(), BEFORE) is None
    for window, reason in ((Window(is_down=True), "Down"), (Window(restarts=2), "Restarts")):
        fault = fault_of(window, BEFORE)
        assert fault is not None
        assert fault.reason == reason


def order(**changes: Any) -> WatchOrder:
    """A watch of half an hour of version 7, which replaces 6."""
    about = {"model": "m", "version": 7, "before": 6, "host": "pods.shop", "metrics_path": "/metrics"}
    given = {"duration_seconds": 1800, "destination": "s3://b/w/", "report": "s3://b/w/report.json"}
    return WatchOrder.model_validate({**about, **given, **changes})


class Played:
    """Pods whose counters grow from one reading to the next, and a clock that the watch's sleep moves on."""

    def __init__(self, *gains: Tally | None, version: int = 7, is_certain: bool = True) -> None:
        self.now, self.tally, self.version, self.is_certain = 0.0, NOTHING, version, is_certain
        self._gains: Iterator[Tally | None] = itertools.chain(gains, itertools.repeat(gains[-1]))

    def read(self) -> Reading:
        gain = next(self._gains)
        if gain is None:
            return Reading({}, is_certain=self.is_certain)
        self.tally += gain
        return Reading({"10.0.0.1": Pod(self.version, self.tally)}, is_certain=self.is_certain)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def watch(self, before: Tally = BEFORE, **changes: Any) -> WatchReport:
        return watch(order(**changes), before, self.read, clock=lambda: self.now, sleep=self.sleep)


FINE, SLOW, BROKEN = tally(answered=50), tally(6.0, answered=50), tally(answered=25, errors=25)


def test_a_version_that_serves_as_the_one_before_is_kept() -> None:
    played = Played(FINE)
    report = played.watch()
    assert (report.result, report.reason) == (Watched.KEPT, "Kept")
    assert played.now == 1800
    assert (report.requests, report.requests_before) == (181 * 50, 1000)
    assert "p50 2 ms" in report.message


@pytest.mark.parametrize(
    ("gain", "reason"),
    [
        pytest.param(SLOW, "Slower", id="slow"),
        pytest.param(BROKEN, "Errors", id="failing"),
    ],
)
def test_a_worse_version_is_a_breach_after_three_windows(gain: Tally, reason: str) -> None:
    played = Played(gain)
    report = played.watch()
    assert (report.result, report.reason) == (Watched.BREACHED, reason)
    assert played.now == 180
    assert report.message.startswith("version 7: ")
    assert "before" in report.message


def test_a_version_that_gets_worse_is_found_at_any_time() -> None:
    assert Played(*[FINE] * 150, SLOW).watch().result is Watched.BREACHED
    assert Played(*[FINE] * 176, BROKEN).watch().result is Watched.BREACHED, "bad windows at the end are followed up"


def test_bad_windows_that_do_not_follow_each_other_are_none() -> None:
    assert Played(*([*[BROKEN] * 6, *[FINE] * 12] * 20)).watch().result is Watched.KEPT


def test_few_requests_never_breach() -> None:
    report = Played(NOTHING, *[tally(answered=0, errors=1)] * 19, NOTHING).watch()
    assert (report.result, report.reason) == (Watched.INCONCLUSIVE, "TooFewRequests")
    assert "19 requests, 19 failed; 200 would be enough" in report.message


def test_few_requests_make_windows_longer() -> None:
    played = Played(tally(answered=0, errors=1))
    assert played.watch().reason == "Errors"
    assert played.now > 3 * 20 * 10 - 30, "a window needs twenty of them"


def test_a_version_that_nobody_asks_is_inconclusive() -> None:
    report = Played(NOTHING).watch()
    assert (report.result, report.reason, report.requests) == (Watched.INCONCLUSIVE, "TooFewRequests", 0)


def test_the_time_counts_from_the_first_answer_and_that_is_waited_for() -> None:
    played = Played(*[None] * 30, FINE)
    assert played.watch().result is Watched.KEPT
    assert played.now == 300 + 1800
    never = Played(FINE, version=6)
    report = never.watch()
    assert (report.result, report.reason, never.now) == (Watched.INCONCLUSIVE, "NotServed", 900)
    assert "NetworkPolicy" not in report.message


def test_pods_that_cannot_be_reached_are_no_breach() -> None:
    report = Played(None, is_certain=False).watch()
    assert (report.result, report.reason) == (Watched.INCONCLUSIVE, "NotServed")
    assert "NetworkPolicy" in report.message
    assert Played(FINE, FINE, None, is_certain=False).watch().result is Watched.INCONCLUSIVE


def test_no_ready_pod_is_a_breach_after_it_has_answered() -> None:
    played = Played(*[FINE] * 3, None)
    report = played.watch()
    assert (report.result, report.reason) == (Watched.BREACHED, "Down")
    assert played.now == 30 + 180


def test_servers_that_end_again_and_again_are_a_breach() -> None:
    shrinking = Played(*[FINE] * 200)
    grown = shrinking.read

    def read() -> Reading:
        reading = grown()
        if round(shrinking.now) % 50 == 0:
            shrinking.tally = NOTHING
        return reading

    report = watch(order(), BEFORE, read, clock=lambda: shrinking.now, sleep=shrinking.sleep)
    assert (report.result, report.reason) == (Watched.BREACHED, "Restarts")
    assert shrinking.now == 180


def test_without_what_came_before_only_failures_are_judged() -> None:
    few = tally(answered=5)
    assert Played(SLOW).watch(few).result is Watched.KEPT
    assert Played(BROKEN).watch(few).reason == "Errors"


def test_requests_of_a_pod_that_a_scale_up_adds_count_and_that_of_other_versions_do_not() -> None:
    first, second, old = (Pod(7, FINE), Pod(7, FINE), Pod(6, tally(answered=9000)))
    readings = iter([{"a": first}, {"a": first, "b": second, "old": old}, {"b": second}])
    last: dict[str, Pod] = {"b": second}
    clock = Played(FINE)
    report = watch(
        order(min_requests=90),
        BEFORE,
        lambda: Reading(next(readings, last)),
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )
    assert (report.result, report.requests) == (Watched.KEPT, 100)


class Server:
    """A model server as far as a watch asks it."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        about = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = about.pages.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def serves(self, version: int, metrics: Metrics) -> None:
        states = [{"version": "99", "state": "END"}, {"version": str(version), "state": "AVAILABLE"}]
        self.pages = {
            "/v1/models/m": json.dumps({"model_version_status": states}).encode(),
            "/metrics": metrics.page().encode(),
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def served(count: int) -> Metrics:
    metrics = Metrics()
    for _ in range(count):
        metrics.request_latency.add(1000.0, "m", "Predict", "REST")
    return metrics


def test_a_pod_is_read_with_its_version(server: Server) -> None:
    server.serves(6, served(3))
    reading = pods.read_pods(order(host="127.0.0.1", port=server.port))
    assert [each.answered for each in reading.of(6)] == [3]
    assert reading.is_certain
    assert not reading.of(7)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param({}, id="nothing there"),
        pytest.param({"/v1/models/m": b"[]"}, id="no status"),
        pytest.param({"/v1/models/m": b'{"model_version_status": [{"version": 1, "state": "LOADING"}]}'}, id="loading"),
        pytest.param({"/v1/models/m": b'{"model_version_status": [3]}'}, id="another shape"),
        pytest.param({"/v1/models/m": b"[" * 100_000}, id="nested too deeply"),
        pytest.param({"/v1/models/m": b" " * (pods.MOST_BYTES + 1)}, id="too much"),
    ],
)
def test_what_answers_something_else_is_left_out_and_that_is_known(server: Server, pages: dict[str, bytes]) -> None:
    server.pages = pages
    reading = pods.read_pods(order(host="127.0.0.1", port=server.port))
    assert (dict(reading.pods), reading.is_certain) == ({}, False)


@pytest.mark.parametrize(
    ("code", "is_certain"), [(socket.EAI_NONAME, True), (socket.EAI_NODATA, True), (socket.EAI_AGAIN, False)]
)
def test_a_name_without_addresses_means_no_pods_and_a_silent_dns_means_nothing(
    monkeypatch: pytest.MonkeyPatch, code: int, is_certain: bool
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(code, "words")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert pods.read_pods(order()).is_certain is is_certain


def test_how_the_version_before_has_served_outlives_the_pod_that_read_it(server: Server, tmp_path: Path) -> None:
    about = {"host": "127.0.0.1", "port": server.port, "duration_seconds": 0.2, "destination": f"{tmp_path}/w/"}
    store = Store.from_environment(environment={})
    server.serves(6, served(40))
    (tmp_path / "scratch").mkdir()

    def serves_next() -> None:
        while not (tmp_path / "scratch/ready").exists():
            pass
        server.serves(7, served(500))

    following = threading.Thread(target=serves_next)
    following.start()
    report = run(order(**about), store, tmp_path / "scratch")
    following.join()
    assert (report.result, report.requests_before, report.requests) == (Watched.KEPT, 40, 500)
    again = run(order(**about), store, tmp_path / "scratch")
    assert (again.requests_before, again.requests) == (40, 500)
