"""What the watch streams have brought, as one small frozen record per object. Only a cache: a reconcile can do without.

An older version of an object never replaces a newer one, whichever way it comes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from noria.runtime import metric


class Key(NamedTuple):
    """Names an object."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of an object."""

    key: Key
    uid: str
    version: int
    """The resourceVersion, which grows with every change of any object of the type."""
    generation: int = 0
    """Of the spec."""
    owner: Key | None = None
    """The object that this one is part of."""
    owner_uid: str | None = None
    """The uid of that object; it may have been replaced by another of the same name."""
    references: tuple[Key, ...] = ()
    """Objects that this one reads, by name."""
    read_by: tuple[Key, ...] = ()
    """Objects that read this one, which names them."""
    content: Any = None
    """What decisions need from it; the controllers choose the type."""


class Cache:
    """Records by key, by owner and by what they refer to."""

    def __init__(self) -> None:
        self._records: dict[Key, Record] = {}
        self._children: dict[Key, set[Key]] = {}
        self._referrers: dict[Key, set[Key]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: Key) -> Record | None:
        """The record of this object."""
        return self._records.get(key)

    def children(self, owner: Key, kind: str, *, uid: str | None = None) -> list[Record]:
        """The owner's children of this kind, by name; with `uid`, only those of the owner with that uid."""
        records = (self._records[key] for key in sorted(self._children.get(owner, ())) if key.kind == kind)
        return [record for record in records if uid is None or record.owner_uid == uid]

    def referrers(self, key: Key) -> Iterable[Key]:
        """The objects that refer to this one."""
        return tuple(self._referrers.get(key, ()))

    def of_kind(self, kind: str) -> Iterator[Record]:
        """All records of a kind."""
        return (record for key, record in list(self._records.items()) if key.kind == kind)

    def put(self, record: Record) -> bool:
        """Store the record unless a version at least as new is here; returns whether it was stored."""
        before = self._records.get(record.key)
        if before is not None:
            if before.version >= record.version:
                return False
            self._unlink(before)
        else:
            metric.CACHED.labels(kind=record.key.kind).inc()
        self._records[record.key] = record
        if record.owner is not None:
            self._children.setdefault(record.owner, set()).add(record.key)
        for key in record.references:
            self._referrers.setdefault(key, set()).add(record.key)
        return True

    def drop(self, key: Key, *, uid: str | None = None) -> Record | None:
        """Remove an object (with `uid`: only if it has that uid); returns what was known about it."""
        record = self._records.get(key)
        if record is None or (uid is not None and record.uid != uid):
            return None
        del self._records[key]
        self._unlink(record)
        metric.CACHED.labels(kind=key.kind).dec()
        return record

    def root(self, record: Record) -> Record:
        """The topmost owner of the record, as far as owners are known."""
        seen = {record.key}
        while record.owner is not None and record.owner not in seen:
            seen.add(record.owner)
            owner = self._records.get(record.owner)
            if owner is None:
                break
            record = owner
        return record

    def _unlink(self, record: Record) -> None:
        if record.owner is not None:
            _discard(self._children, record.owner, record.key)
        for key in record.references:
            _discard(self._referrers, key, record.key)


def _discard(index: dict[Key, set[Key]], key: Key, member: Key) -> None:
    members = index[key]
    members.discard(member)
    if not members:
        del index[key]
