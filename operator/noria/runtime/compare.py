"""Lists what is watched and compares it with the cache: once to fill it, then at intervals.

kopf misses deletions that happen while it lists again after `410 Gone`, and a dead stream looks like a quiet cluster.
A change that a list shows and that no stream delivers within a grace period was missed.
"""

import asyncio
from collections.abc import Iterable

import structlog

from noria.runtime import metric
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.client import Client
from noria.runtime.error import Refused, Unavailable
from noria.runtime.feed import Feed, Watched
from noria.runtime.health import Health

GRACE_SECONDS = 10.0
"""A stream may lag behind a list by this much."""

log = structlog.stdlib.get_logger("noria.compare")


class Comparison:
    """Lists of the watched types, for one client and one cache."""

    def __init__(
        self, client: Client, cache: Cache, feed: Feed, watched: Iterable[Watched], namespaces: tuple[str, ...]
    ) -> None:
        self._client = client
        self._cache = cache
        self._feed = feed
        self._watched = tuple(one for one in watched if not one.optional)
        self._namespaces: tuple[str | None, ...] = namespaces or (None,)

    async def fill(self) -> None:
        """Fill the cache with everything that exists, retrying until the server answers."""
        for one in self._watched:
            while True:
                try:
                    records, _ = await self._list(one)
                    break
                except (Unavailable, Refused) as error:
                    log.warning("cannot list yet", kind=one.type.kind, error=str(error))
                    await asyncio.sleep(2)
            for record in records.values():
                self._feed.take(record)

    async def run(self, *, seconds: float, health: Health) -> None:
        """Compare at this interval, and record in `health` what each stream has missed."""
        while True:
            await asyncio.sleep(seconds)
            for one in self._watched:
                try:
                    health.note_missed(one.type.kind, await self.compare(one))
                except (Unavailable, Refused) as error:
                    log.warning("cannot list", kind=one.type.kind, error=str(error))

    async def compare(self, one: Watched, *, grace_seconds: float = GRACE_SECONDS) -> int:
        """Bring the cache in line with the list; returns how many changes of this type the stream had missed."""
        listed, version = await self._list(one)
        differences = self._differences(one, listed, version)
        if not any(differences):
            return 0
        await asyncio.sleep(grace_seconds)
        missed, ghosts = self._differences(one, listed, version)
        taken = [self._feed.take(record) for record in missed]
        dropped = [self._feed.drop(record.key, uid=record.uid) for record in ghosts]
        count = sum(taken) + sum(dropped)
        if count:
            metric.DRIFT.labels(kind=one.type.kind).inc(count)
            log.warning("watch missed changes", kind=one.type.kind, count=count)
        return count

    def _differences(self, one: Watched, listed: dict[Key, Record], version: int) -> tuple[list[Record], list[Record]]:
        """What is newer in the list than in the cache, and what the cache has that was gone before the list."""
        missed = [record for record in listed.values() if self._is_newer(record)]
        cached = self._cache.of_kind(one.type.kind)
        return missed, [record for record in cached if record.key not in listed and record.version <= version]

    def _is_newer(self, record: Record) -> bool:
        cached = self._cache.get(record.key)
        return cached is None or cached.version < record.version

    async def _list(self, one: Watched) -> tuple[dict[Key, Record], int]:
        """The objects that exist, and the version of the oldest list that was taken for it."""
        records: dict[Key, Record] = {}
        versions = []
        for namespace in self._namespaces:
            async for page in self._client.pages(one.type, namespace, one.selectors):
                versions.append(int(page["metadata"]["resourceVersion"]))
                for item in page.get("items") or ():
                    item["kind"] = one.type.kind  # items of a list do not say it
                    record = one.record(item)
                    if record is not None:
                        records[record.key] = record
        return records, min(versions)
