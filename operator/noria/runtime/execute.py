"""Carries out a decision for one object: status, then deletions, then children, then events.

Status first, so that after a crash the next reconcile continues from it. Every write is idempotent: Jobs are created
once, and an existing one is kept; other children use server-side apply; a status is written only if it differs, and
only over the version that was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from noria.api import GROUP, VERSION
from noria.api.kind import Status
from noria.decision import Decision, Event, Reference
from noria.resources.labels import SELECTOR
from noria.resources.manifest import manifest
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.client import Body, Client
from noria.runtime.error import Refused, Stale, Unavailable
from noria.runtime.event import event_body
from noria.runtime.feed import Feed, Watched
from noria.runtime.resource_type import EVENT, JOB, POD, TYPES

log = structlog.stdlib.get_logger("noria.execute")

_JOB_NAME = "batch.kubernetes.io/job-name"
_NOT_TAKEN = (400, 422)
"""The child itself is invalid: only a different spec can help."""


@dataclass
class Objections:
    """The API server's objections to children of one object, by name; forgotten with the generation."""

    generation: int
    rejections: dict[str, str] = field(default_factory=dict)
    """Children that are invalid or not permitted at all."""
    refusals: dict[str, str] = field(default_factory=dict)
    """Children that are not permitted at the moment, e.g. because of a quota."""

    def forget(self, name: str) -> None:
        """The child was accepted."""
        self.rejections.pop(name, None)
        self.refusals.pop(name, None)

    def messages(self) -> frozenset[tuple[str, str]]:
        """All objections, to compare them with earlier ones."""
        return frozenset((*self.rejections.items(), *self.refusals.items()))


class Executor:
    """Writes for all objects, through one client and into one cache."""

    def __init__(self, client: Client, cache: Cache, feed: Feed, watched: Sequence[Watched]) -> None:
        self._client = client
        self._cache = cache
        self._feed = feed
        self._watched = {one.type.kind: one for one in watched}

    async def check_deletions(self, record: Record, decision: Decision[Status]) -> None:
        """Raise Stale if the cache lacks a pod of a Job to delete, since pods and Jobs have separate watch streams.

        A complete Job may only seem to have no report because its pod is late.
        """
        for child in decision.delete:
            if child.kind != JOB.kind:
                continue
            selectors = {"labelSelector": f"{_JOB_NAME}={child.name},{SELECTOR}"}
            async for page in self._client.pages(POD, record.key.namespace, selectors):
                pods = [self._watched[POD.kind].record(pod) for pod in page.get("items") or ()]
                if sum(self._feed.take(pod) for pod in pods if pod):
                    raise Stale(f"the cache lacked pods of {child.name}")

    async def write_status(self, record: Record, patch: Body) -> None:
        """Merge the patch into the status that was read. Raises Stale if the object has changed since."""
        kind, namespace, name = record.key
        body = {"metadata": {"resourceVersion": str(record.version)}, "status": patch}
        try:
            answer = await self._client.patch_status(TYPES[kind], namespace, name, body)
        except Refused as refused:
            if refused.status in (404, 409):
                raise Stale(str(refused)) from refused
            raise
        self._take_written(kind, answer, by=record.key)

    async def write_children(self, record: Record, decision: Decision[Status], objections: Objections) -> bool:
        """Delete, create and apply; a child that the server refuses is recorded and does not stop the others.

        Returns whether a child was created: its watch event comes next.
        """
        for reference in decision.delete:
            await self._delete(record, reference)
        new = [await self._write_child(record, manifest(child), objections, once=True) for child in decision.create]
        for child in decision.apply:
            await self._write_child(record, manifest(child), objections, once=False)
        return any(new)

    async def write_events(self, record: Record, events: Sequence[Event]) -> None:
        """Write events on the object; an event that cannot be written is only logged."""
        for event in events:
            body = event_body(record, event)
            try:
                await self._client.create(EVENT, record.key.namespace, body)
            except (Refused, Unavailable) as error:
                if not (isinstance(error, Refused) and error.status == 409):
                    log.warning("event not written", reason=event.reason, error=str(error))

    async def _delete(self, record: Record, child: Reference) -> None:
        key = Key(child.kind, record.key.namespace, child.name)
        try:
            answer = await self._client.delete(TYPES[key.kind], key.namespace, key.name, uid=child.uid)
        except Refused as refused:
            if refused.status not in (404, 409):  # 409: another of that name, which is not meant
                raise
            answer = {"kind": "Status"}
        log.info("deleted", child=key.name, child_kind=key.kind)
        if answer["kind"] == "Status":
            self._feed.drop(key, uid=child.uid)
        else:
            self._take_written(key.kind, answer)

    async def _write_child(self, record: Record, body: Body, objections: Objections, *, once: bool) -> bool:
        kind, name, namespace = body["kind"], body["metadata"]["name"], record.key.namespace
        known_as = name if once else f"{kind} {name}"
        try:
            if once:
                answer, is_new = await self._create(record, body)
            else:
                await self._check_ownership(record, kind, name)
                answer, is_new = await self._client.apply(TYPES[kind], namespace, name, body), False
        except Refused as refused:
            noted = objections.rejections if refused.status in _NOT_TAKEN else objections.refusals
            noted[known_as] = str(refused)
            log.warning("child refused", child=name, child_kind=kind, status=refused.status, error=str(refused))
            return False
        objections.forget(known_as)
        log.info("created" if once else "applied", child=name, child_kind=kind)
        self._take_written(kind, answer, by=record.key if is_new else None)
        return is_new

    def _take_written(self, kind: str, answer: Body, *, by: Key | None = None) -> None:
        written = self._watched[kind].record(answer)
        if written is not None:
            self._feed.take_written(written, by=by)

    async def _create(self, record: Record, body: Body) -> tuple[Body, bool]:
        """The child, and whether it is new."""
        kind, name = body["kind"], body["metadata"]["name"]
        try:
            return await self._client.create(TYPES[kind], record.key.namespace, body), True
        except Refused as refused:
            if refused.status != 409:
                raise
        return await self._check_ownership(record, kind, name) or body, False

    async def _check_ownership(self, record: Record, kind: str, name: str) -> Body | None:
        """The child as it exists, if it does. Raises Refused if it does not belong to the record."""
        cached = self._cache.get(Key(kind, record.key.namespace, name))
        if cached is not None and cached.owner_uid == record.uid:
            return None
        existing = await self._client.get(TYPES[kind], record.key.namespace, name)
        if existing is None or any(o["uid"] == record.uid for o in existing["metadata"].get("ownerReferences", [])):
            return existing
        if "deletionTimestamp" in existing["metadata"] or _is_of_predecessor(existing, record):
            raise Unavailable(f"{kind} {name} of an earlier {record.key.kind} still exists")
        message = f"{kind} {name} already exists and does not belong to this {record.key.kind}"
        raise Refused(422, "NotOurs", f"{message}: delete it or choose another name")


def _is_of_predecessor(existing: Body, record: Record) -> bool:
    """Whether the object belongs to a deleted one of the record's kind and name; garbage collection is on its way."""
    owners: list[Mapping[str, str]] = existing["metadata"].get("ownerReferences", [])
    return any(
        (owner["apiVersion"], owner["kind"], owner["name"]) == (f"{GROUP}/{VERSION}", record.key.kind, record.key.name)
        for owner in owners
    )


def merge_patch(before: Body, after: Body) -> Body:
    """The JSON merge patch (RFC 7386) that turns `before` into `after`; empty if they are equal."""
    patch: Body = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            inner = merge_patch(old, value)
            if inner:
                patch[name] = inner
        elif name not in before or old != value:
            patch[name] = value
    return patch
