"""Takes keys from the queue and reconciles one after the other. Used by `noria.__main__`.

This is the only place that catches all exceptions: whatever is wrong with one object is counted and retried later, and
the other objects are not affected.
"""

import asyncio
import time
from collections.abc import Iterable

import structlog

from noria.runtime import metric
from noria.runtime.cache import Key
from noria.runtime.client import Client
from noria.runtime.error import Refused, Stale, Unavailable
from noria.runtime.feed import Feed, Watched
from noria.runtime.queue import WorkQueue
from noria.runtime.reconcile import Reconciler
from noria.runtime.resource_type import TYPES

log = structlog.stdlib.get_logger("noria.worker")


class Workers:
    """Reconcile the keys of the queue, several at a time."""

    def __init__(
        self,
        reconciler: Reconciler,
        queue: WorkQueue[Key],
        feed: Feed,
        client: Client,
        watched: Iterable[Watched],
    ) -> None:
        self._reconciler = reconciler
        self._queue = queue
        self._feed = feed
        self._client = client
        self._watched = {one.type.kind: one for one in watched}

    async def run(self, count: int) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            structlog.contextvars.bind_contextvars(kind=key.kind, object=f"{key.namespace}/{key.name}")
            started = time.perf_counter()
            try:
                result = await self._guarded(key)
            finally:
                self._queue.done(key)
            metric.observe_reconcile(kind=key.kind, result=result, seconds=time.perf_counter() - started)
            log.debug("reconciled", result=result)

    async def _guarded(self, key: Key) -> str:
        """Reconcile once and turn any error into a result."""
        try:
            return await self._reconcile(key)
        except (Unavailable, Refused) as error:
            log.warning("unavailable", error=str(error), retry_seconds=self._queue.retry(key))
            return "unavailable"
        except Exception:
            log.exception("bug", retry_seconds=self._queue.retry(key))
            return "bug"

    async def _reconcile(self, key: Key) -> str:
        try:
            return await self._reconciler.run(key)
        except Stale:
            return await self._refresh(key)

    async def _refresh(self, key: Key) -> str:
        """Read the object from the server, so that the next reconcile sees its current state."""
        body = await self._client.get(TYPES[key.kind], key.namespace, key.name)
        if body is None:
            self._feed.drop(key)
            return "stale"
        record = self._watched[key.kind].record(body)
        if record is None or not self._feed.take(record):
            self._queue.retry(key)
        return "stale"
