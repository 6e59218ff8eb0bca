"""Objects by URI: `s3://bucket/key` in any S3, or a local path, so that every step also runs without a cluster.

Whatever goes wrong with a store is a StepError.
"""

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from noria.contract import Home
from noria_store import web
from noria_store.entry import Entry
from noria_store.error import not_found
from noria_store.local import Local
from noria_store.reach import UNLIMITED, Reach
from noria_store.stream import Guarded, Stream, chunks
from noria_store.uri import SCHEME, is_s3, is_web

if TYPE_CHECKING:
    from noria_store.s3 import S3


class Objects(Protocol):
    """What a place for objects must be able to do; keys are `bucket/key` or paths."""

    def open(self, key: str) -> AbstractContextManager[Stream | None]:
        """The content, none where there is no such object."""

    def write(self, key: str, data: bytes) -> None:
        """Makes or replaces the object, atomically."""

    def write_once(self, key: str, data: bytes) -> bool:
        """Makes the object; False where it was there already, which is then left alone."""

    def entry(self, key: str) -> Entry | None:
        """The object, none where there is no such object."""

    def entries(self, key: str) -> Iterator[Entry]:
        """Every object below the folder, sorted by key."""

    def children(self, key: str) -> Sequence[str]:
        """Names right below the folder, sorted; those of folders end with `/`."""

    def upload(self, path: Path, key: str) -> None:
        """Copies the file to the object, atomically."""

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes the objects; missing ones are ignored."""


class Store:
    """Reads and writes objects by URI. Threads may share one."""

    def __init__(
        self, environment: Mapping[str, str], prefix: str = "", *, anonymous: bool = False, reach: Reach = UNLIMITED
    ) -> None:
        self._environment, self._prefix, self._anonymous, self._reach = environment, prefix, anonymous, reach
        self._local = Local()

    @classmethod
    def from_environment(
        cls, prefix: str = "", environment: Mapping[str, str] | None = None, *, anonymous: bool = False
    ) -> "Store":
        """The store that the AWS_* variables describe.

        With `prefix=SOURCE_PREFIX`, a Dataset's own credentials; what they leave out comes from the platform's. With
        `anonymous`, public objects can be read without keys.
        """
        return cls(os.environ if environment is None else environment, prefix, anonymous=anonymous)

    @classmethod
    def for_users(
        cls,
        prefix: str = "",
        environment: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        home: Home | None = None,
    ) -> "Store":
        """As `from_environment`, for URIs that users wrote: they lead no further than `Reach` lets them."""
        given = os.environ if environment is None else environment
        return cls(given, prefix, anonymous=anonymous, reach=Reach.from_environment(given, home))

    @contextmanager
    def open(self, uri: str) -> Iterator[Stream]:
        """The object as a stream, also of a web server. Raises StepError, also while it is read."""
        if is_web(uri):
            with web.open(uri, self._reach) as stream:
                yield stream
            return
        objects, key = self._at(uri)
        with objects.open(key) as found:
            if found is None:
                raise not_found(uri)
            yield found

    def read(self, uri: str) -> bytes:
        """The whole object."""
        with self.open(uri) as stream:
            return b"".join(chunks(stream))

    def find(self, uri: str) -> bytes | None:
        """The whole object, none where there is no such object."""
        objects, key = self._at(uri)
        with objects.open(key) as found:
            return None if found is None else b"".join(chunks(found))

    def write(self, uri: str, data: bytes) -> None:
        """Make or replace an object."""
        objects, key = self._at(uri)
        objects.write(key, data)

    def write_once(self, uri: str, data: bytes) -> bool:
        """Make an object that nothing replaces; False where it was there already."""
        objects, key = self._at(uri)
        return objects.write_once(key, data)

    def exists(self, uri: str) -> bool:
        """Whether there is such an object."""
        return self.size(uri) is not None

    def size(self, uri: str) -> int | None:
        """Bytes of the object, none where there is no such object."""
        found = self.entry(uri)
        return None if found is None else found.size

    def entry(self, uri: str) -> Entry | None:
        """The object by its URI, none where there is no such object."""
        objects, key = self._at(uri)
        found = objects.entry(key)
        return None if found is None else found._replace(key=uri)

    def list(self, uri: str) -> Iterator[tuple[str, int]]:
        """URI and size of every object below a folder, at any depth, sorted."""
        return ((found, size) for found, size, _ in self.entries(uri))

    def entries(self, uri: str) -> Iterator[Entry]:
        """Every object below a folder by its URI, at any depth, sorted."""
        objects, key = self._at(uri)
        scheme = SCHEME if is_s3(uri) else ""
        return (each._replace(key=scheme + each.key) for each in objects.entries(key))

    def children(self, uri: str) -> Sequence[str]:
        """Names right below a folder, sorted; those of folders end with `/`."""
        objects, key = self._at(uri)
        return objects.children(key)

    def download(self, uri: str, path: Path) -> Path:
        """Copy an object to a file, atomically; the file's path."""
        self.copy(uri, path)
        return path

    def copy(self, uri: str, path: Path) -> str:
        """Copy an object to a file, atomically; the mark of its content if it came from a web server, else nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            with self.open(uri) as stream, part.open("wb") as file:
                file.writelines(chunks(stream))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return stream.mark if isinstance(stream, Guarded) else ""

    def web_mark(self, uri: str) -> str:
        """What marks the content that a web server has at a URI, which is not read."""
        with web.open(uri, self._reach) as stream:
            return stream.mark

    def upload(self, path: Path, uri: str) -> None:
        """Copy a file to an object."""
        objects, key = self._at(uri)
        objects.upload(path, key)

    def delete(self, *uris: str) -> None:
        """Delete objects; missing ones are ignored."""
        for s3 in (True, False):
            chosen = [self._at(uri) for uri in uris if is_s3(uri) is s3]
            if chosen:
                chosen[0][0].delete(key for _, key in chosen)

    def _at(self, uri: str) -> tuple[Objects, str]:
        self._reach.check(uri)
        if is_s3(uri):
            return self._s3, uri.removeprefix(SCHEME)
        return self._local, uri.removeprefix("file://")

    @cached_property
    def _s3(self) -> "S3":
        """Imported when a bucket is named: minio takes half a second."""
        from noria_store.s3 import S3, client

        return S3(client(self._environment, self._prefix, anonymous=self._anonymous, reach=self._reach))
