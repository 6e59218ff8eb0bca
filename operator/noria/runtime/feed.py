"""Puts changes of objects into the cache and queues the objects that they affect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from noria.runtime import metric
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.queue import WorkQueue
from noria.runtime.resource_type import OURS, ResourceType

log = structlog.stdlib.get_logger("noria.feed")

_OUR_KINDS = frozenset(type.kind for type in OURS)


@dataclass(frozen=True)
class Watched:
    """A type that is watched, which objects of it, and what is kept of each."""

    type: ResourceType
    read: Callable[[dict[str, Any]], Record]
    labels: str = ""
    """Label selector, applied by the API server."""
    fields: str = ""
    """Field selector, applied by the API server."""
    optional: bool = False
    """Whether the cluster may lack the type."""

    def record(self, body: dict[str, Any]) -> Record | None:
        """The record of a body; none, and a log line, if it cannot be read: one bad object must not stop a stream."""
        try:
            return self.read(body)
        except Exception:
            metadata = body.get("metadata")
            name = metadata.get("name") if isinstance(metadata, dict) else None
            log.exception("unreadable", kind=self.type.kind, name=name)
            metric.UNREADABLE.labels(kind=self.type.kind).inc()
            return None

    @property
    def selectors(self) -> dict[str, str]:
        """The selectors as query parameters."""
        given = {"labelSelector": self.labels, "fieldSelector": self.fields}
        return {name: value for name, value in given.items() if value}


class Feed:
    """Where all changes come in."""

    def __init__(self, cache: Cache, queue: WorkQueue[Key], *, settle_seconds: float) -> None:
        self._cache = cache
        self._queue = queue
        self._settle_seconds = settle_seconds

    def take(self, record: Record) -> bool:
        """Put an object into the cache; returns whether that was new to it."""
        if not self._cache.put(record):
            return False
        self._queue_concerned(record, at_once=True)
        return True

    def take_written(self, record: Record, *, by: Key | None = None) -> None:
        """Put the server's answer to our own write into the cache; objects that refer to it are reconciled.

        The object `by`, for which it was written, is not: it learns nothing from it.
        """
        if self._cache.put(record):
            self._queue_concerned(record, at_once=False, but=by)

    def drop(self, key: Key, *, uid: str | None = None) -> bool:
        """Remove a deleted object (with `uid`: only if it has that uid); returns whether that was new to the cache."""
        record = self._cache.drop(key, uid=uid)
        if record is None:
            return False
        self._queue_concerned(record, at_once=True)
        return True

    def _queue_concerned(self, record: Record, *, at_once: bool, but: Key | None = None) -> None:
        for key in (*self._cache.referrers(record.key), *record.read_by):
            self._queue.add_after(key, self._settle_seconds)
        if record.key.kind in _OUR_KINDS and at_once:
            self._queue.add(record.key)
            return
        root = self._cache.root(record).key
        if root.kind in _OUR_KINDS and root != but:
            self._queue.add_after(root, self._settle_seconds)
