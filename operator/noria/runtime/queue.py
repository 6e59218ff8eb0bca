"""The work queue: each key once, never two workers on one key, backoff per key."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    """Keys of objects to reconcile, first come, first served. For one event loop."""

    def __init__(self, *, retry_seconds: float, retry_seconds_max: float) -> None:
        self._retry_seconds = retry_seconds
        self._retry_seconds_max = retry_seconds_max
        self._ready: dict[K, float] = {}
        self._working: dict[K, float] = {}
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._added = asyncio.Event()

    def __len__(self) -> int:
        return len(self._ready)

    def add(self, key: K) -> None:
        """Reconcile as soon as a worker is free; if the key is being reconciled, once more afterwards."""
        self._cancel(key)
        if key in self._working:
            self._again.add(key)
        elif key not in self._ready:
            self._ready[key] = self._now()
            self._added.set()

    def add_after(self, key: K, seconds: float) -> None:
        """Reconcile after this many seconds at the latest; an earlier planned time stays."""
        if key in self._ready or key in self._again:
            return
        due = self._now() + seconds
        planned = self._timers.get(key)
        if planned is None or planned.when() > due:
            self._cancel(key)
            self._timers[key] = asyncio.get_running_loop().call_at(due, self.add, key)

    def retry(self, key: K) -> float:
        """Reconcile after a wait that doubles with every failure in a row; returns the wait in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        wait = min(self._retry_seconds * 2.0 ** min(failures, 32), self._retry_seconds_max)
        self.add_after(key, wait)
        return wait

    def succeeded(self, key: K) -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The key that has waited longest; it belongs to the caller until `done`."""
        while not self._ready:
            self._added.clear()
            await self._added.wait()
        key = next(iter(self._ready))
        del self._ready[key]
        self._working[key] = self._now()
        return key

    def done(self, key: K) -> None:
        """Give a key back; it is ready again if it was added in the meantime."""
        self._working.pop(key, None)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    def longest_wait(self) -> float:
        """Seconds that the oldest ready key has waited."""
        return self._now() - next(iter(self._ready.values())) if self._ready else 0.0

    def longest_reconcile(self) -> float:
        """Seconds that the longest reconcile under way has taken."""
        return self._now() - min(self._working.values()) if self._working else 0.0

    def _cancel(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
