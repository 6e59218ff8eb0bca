"""The watch step: whether a version serves as well as the one before, for some time after its promotion.

Started by `frame`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from noria.contract import READY_FILE, SERVE_SECONDS, Watched, WatchOrder, WatchReport, place
from noria_store.store import Store
from noria_trainers.watch.pods import Reading, read_pods
from noria_trainers.watch.rule import FEW, WINDOWS_RUNNING, Fault, fault_of, latency
from noria_trainers.watch.tally import Tally
from noria_trainers.watch.window import Window, Windows

WINDOWS = 30
"""So many windows make the whole watch."""
_LEAST_SECONDS, _MOST_SECONDS = 0.5, 10.0
"""Between two readings; the latter so that little is lost with a pod that ends."""
_LEAST_REQUESTS = 10
log = structlog.stdlib.get_logger(__name__)


def run(order: WatchOrder, store: Store, scratch: Path) -> WatchReport:
    """Watch the version, and end as soon as it breaches.

    How the version before has served is kept in the store, so that a pod that repeats the step knows it as well.
    """
    before = _before(order, store)
    log.info("known of the version before", version=order.before, requests=before.requests)
    (scratch / READY_FILE).touch()
    return watch(order, before, partial(read_pods, order))


def watch(
    order: WatchOrder,
    before: Tally,
    read: Callable[[], Reading],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> WatchReport:
    """How the watch ends; `read` tells what there is at the moment, clock and sleep are in seconds."""
    state = _State(order, before if before.requests >= FEW else None)
    start = clock()
    while True:
        report = state.take(read(), clock() - start)
        if report is not None:
            return report
        sleep(min(state.windows.seconds, _MOST_SECONDS))


@dataclass
class _State:
    """A watch so far. Times are in seconds since its start."""

    order: WatchOrder
    before: Tally | None
    begun: float | None = None
    """When the version first answered."""
    bad: int = 0
    """Bad windows, one after the other, up to now."""
    unread: int = 0
    """Readings that may lack pods."""
    windows: Windows = field(init=False)

    def __post_init__(self) -> None:
        seconds = max(self.order.duration_seconds / WINDOWS, _LEAST_SECONDS)
        self.windows = Windows(self.order.version, seconds, max(_LEAST_REQUESTS, self.order.min_requests // 10))

    def take(self, reading: Reading, at: float) -> WatchReport | None:
        """Take in what was read at this time; the report, if the watch is over."""
        self.unread += not reading.is_certain
        if self.begun is None and reading.of(self.order.version):
            self.begun = at
            self.windows.begin(at)
        if self.begun is None:
            return self._unserved() if at >= SERVE_SECONDS else None
        window = self.windows.add(reading, at)
        fault = self._judged(window) if window else None
        if fault and self.bad >= WINDOWS_RUNNING:
            return self._breached(fault)
        left = self.begun + self.order.duration_seconds - at
        patience = WINDOWS_RUNNING * self.windows.seconds if self.bad else 0.0
        return self._ended() if left + patience <= 0 else None

    def _judged(self, window: Window) -> Fault | None:
        fault = fault_of(window, self.before)
        self.bad = self.bad + 1 if fault else 0
        log.info("window", requests=window.tally.requests, fault=fault.reason if fault else None, running=self.bad)
        return fault

    def _breached(self, fault: Fault) -> WatchReport:
        message = f"{self._name}: {fault.message}; {WINDOWS_RUNNING} windows running"
        return self._report(Watched.BREACHED, fault.reason, message)

    def _ended(self) -> WatchReport:
        found, least = self.windows.total, self.order.min_requests
        figures = f"{found.requests:,} requests, {found.errors:,} failed"
        if found.requests < least:
            message = f"{self._name} had {figures}; {least:,} would be enough to tell{self._doubt}"
            return self._report(Watched.INCONCLUSIVE, "TooFewRequests", message)
        before = f"; before {latency(self.before)}" if self.before else "; nothing is known of the version before"
        return self._report(Watched.KEPT, "Kept", f"{self._name} had {figures}, {latency(found)}{before}")

    def _unserved(self) -> WatchReport:
        message = f"{self._name} did not answer within {SERVE_SECONDS:.0f} s{self._doubt}"
        return self._report(Watched.INCONCLUSIVE, "NotServed", message)

    @property
    def _name(self) -> str:
        return f"version {self.order.version}"

    @property
    def _doubt(self) -> str:
        """What may be wrong with the reading itself."""
        if not self.unread:
            return ""
        cure = f"check that a NetworkPolicy lets the namespace's Jobs reach port {self.order.port}"
        return f"; {self.unread} times not all pods could be read: {cure}"

    def _report(self, result: Watched, reason: str, message: str) -> WatchReport:
        return WatchReport(
            result=result,
            reason=reason,
            message=message,
            requests=self.windows.total.requests,
            requests_before=self.before.requests if self.before else 0,
        )


def _before(order: WatchOrder, store: Store) -> Tally:
    """How the version before has served: as stored by an earlier pod, else as its pods count now."""
    uri = order.destination + place.BEFORE
    stored = store.find(uri)
    if stored is not None:
        return Tally.model_validate_json(stored)
    before = sum(read_pods(order).of(order.before), Tally())
    store.write(uri, before.to_json().encode())
    return before
