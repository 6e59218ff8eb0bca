"""Finds out at intervals whether what objects have in the bucket is still there. Started by the leader.

The operator has no rights in the bucket: one short pod for each namespace looks, with the namespace's own keys. What it
says is kept in the cache, as a record for each URI, to which the objects that name it refer.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from pydantic import ValidationError

from noria.contract import PresenceReport
from noria.contract.presence import MOST_URIS
from noria.resources.manifest import Child, manifest
from noria.resources.presence_job import DEADLINE_SECONDS, PREFIX
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.client import Client
from noria.runtime.error import Refused, Unavailable
from noria.runtime.feed import Feed
from noria.runtime.resource_type import JOB, OURS, POD

STORED = "StoredObject"
"""Kind of the keys of objects in the bucket: `Key(STORED, namespace, URI)`."""
POLL_SECONDS = 1.0

PARTS = 10
"""Of the interval: each namespace has its turn in one of them, so that the pods of all do not start at once."""

log = structlog.stdlib.get_logger("noria.presence")


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of an object in the bucket."""

    is_there: bool
    looked_at: datetime
    """When the look began."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A Job under way."""

    namespace: str
    uid: str
    uris: tuple[str, ...]


class Looks:
    """Looks into the bucket."""

    def __init__(
        self,
        client: Client,
        cache: Cache,
        feed: Feed,
        *,
        bucket: str,
        job: Callable[[str, str, tuple[str, ...]], Child],
    ) -> None:
        """`job` builds the Job of a namespace, a part of its name, and URIs; those outside the bucket are left out."""
        self._client, self._cache, self._feed = client, cache, feed
        self._root, self._job = f"s3://{bucket}/", job

    async def run(self, *, seconds: float) -> None:
        """Look into each namespace at this interval; never, if it is 0."""
        if not seconds:
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as tasks:
            for part in range(PARTS):
                tasks.create_task(self._repeat(part, seconds))

    async def _repeat(self, part: int, seconds: float) -> None:
        """Look into the namespaces of a part for ever: first after as many parts of the interval."""
        await asyncio.sleep(seconds * (part + 1) / PARTS)
        while True:
            await self.look(part)
            await asyncio.sleep(seconds)

    async def look(self, part: int | None = None) -> None:
        """Look once into all namespaces, or into those of a part, and keep what is found."""
        began = datetime.now(UTC)
        waiting = {job.key.namespace for job in self._cache.of_kind(JOB.kind) if _is_waiting(job)}
        asked = [each for each in self._asked() if each[0] not in waiting and part in (None, part_of(each[0]))]
        begun = [await self._begin(namespace, f"{began:%H%M%S}-{number}", uris) for namespace, number, uris in asked]
        under_way = {look.uid: look for look in begun if look}
        deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
        while under_way and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            for pod in self._cache.of_kind(POD.kind):
                if pod.owner_uid in under_way and pod.content.exit:
                    self._keep(under_way.pop(pod.owner_uid), pod.content.exit.message, began)
        self._forget()

    def _asked(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Namespace, number and URIs of each Job to make."""
        by_namespace: dict[str, set[str]] = {}
        for key in self._named():
            if key.name.startswith(self._root):
                by_namespace.setdefault(key.namespace, set()).add(key.name)
        for namespace, uris in sorted(by_namespace.items()):
            ordered = sorted(uris)
            for number, start in enumerate(range(0, len(ordered), MOST_URIS)):
                yield namespace, number, tuple(ordered[start : start + MOST_URIS])

    def _named(self) -> set[Key]:
        """The stored objects that objects of ours name."""
        records = (record for type in OURS for record in self._cache.of_kind(type.kind))
        return {key for record in records for key in record.references if key.kind == STORED}

    async def _begin(self, namespace: str, part: str, uris: tuple[str, ...]) -> _Look | None:
        """Create the Job; none where the cluster does not take it."""
        try:
            made = await self._client.create(JOB, namespace, manifest(self._job(namespace, part, uris)))
        except (Unavailable, Refused) as error:
            log.debug("cannot look", namespace=namespace, error=str(error))
            return None
        return _Look(namespace, made["metadata"]["uid"], uris)

    def _keep(self, look: _Look, message: str, began: datetime) -> None:
        """Put the answer into the cache; whoever is concerned by a change is reconciled."""
        try:
            absent = set(PresenceReport.model_validate_json(message).absent)
        except ValidationError:
            log.debug("no answer", namespace=look.namespace)
            return
        for number, uri in enumerate(look.uris):
            key, found = Key(STORED, look.namespace, uri), Presence(number not in absent, began)
            known = self._cache.get(key)
            record = Record(key, uid=look.uid, version=int(began.timestamp() * 1000), content=found)
            if known and known.content.is_there and found.is_there:
                self._cache.put(record)
            else:
                self._feed.take(record)

    def _forget(self) -> None:
        """Drop what no object names."""
        named = self._named()
        for record in self._cache.of_kind(STORED):
            if record.key not in named:
                self._cache.drop(record.key)


def part_of(namespace: str) -> int:
    """When in the interval it is the namespace's turn."""
    return zlib.crc32(namespace.encode()) % PARTS


def _is_waiting(job: Record) -> bool:
    """Whether it is a look of before that a queue or a full cluster holds back."""
    return job.key.name.startswith(PREFIX) and job.content.state == "Active"
