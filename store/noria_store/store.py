"""Objects by URI: `s3://bucket/key` in any S3, or a local path, so that every step also runs without a cluster.

Called by all steps and by `noria-trainer upload` and `purge`. Whatever goes wrong with a store is a StepError.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from noria_store.error import not_found
from noria_store.local import Local
from noria_store.s3 import S3, client


class Objects(Protocol):
    """What a place for objects must be able to do; keys are `bucket/key` or paths."""

    def find(self, key: str) -> bytes | None:
        """The content, none where there is no such object."""

    def write(self, key: str, data: bytes) -> None:
        """Makes or replaces the object, whole or not at all."""

    def write_once(self, key: str, data: bytes) -> bool:
        """Makes the object; False where it was there already, which is then left alone."""

    def size(self, key: str) -> int | None:
        """Bytes of the object, none where there is no such object."""

    def list(self, key: str) -> Iterator[tuple[str, int]]:
        """Key and size of every object below the folder, sorted by key."""

    def download(self, key: str, path: Path) -> bool:
        """Copies the object to `path`, whole or not at all; False where there is no such object."""

    def upload(self, path: Path, key: str) -> None:
        """Copies the file to the object, whole or not at all."""

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes the objects; those that are not there are passed over."""


class Store:
    """Reads and writes objects by URI. Threads may share one."""

    def __init__(self, s3: S3) -> None:
        self._s3, self._local = s3, Local()

    @classmethod
    def from_environment(cls, prefix: str = "", environment: Mapping[str, str] | None = None) -> "Store":
        """The store that the AWS_* variables describe.

        With `prefix=SOURCE_PREFIX` a Dataset's own credentials; what they leave out is the platform's.
        """
        return cls(S3(client(os.environ if environment is None else environment, prefix)))

    def read(self, uri: str) -> bytes:
        """The whole object."""
        data = self.find(uri)
        if data is None:
            raise not_found(uri)
        return data

    def find(self, uri: str) -> bytes | None:
        """The whole object, none where there is no such object."""
        objects, key = self._at(uri)
        return objects.find(key)

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
        objects, key = self._at(uri)
        return objects.size(key)

    def list(self, uri: str) -> Iterator[tuple[str, int]]:
        """URI and size of every object below a folder, at any depth, sorted."""
        objects, key = self._at(uri)
        scheme = "s3://" if is_s3(uri) else ""
        return ((scheme + found, size) for found, size in objects.list(key))

    def download(self, uri: str, path: Path) -> Path:
        """Copy an object to a file, whole or not at all; the file's path."""
        objects, key = self._at(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not objects.download(key, path):
            raise not_found(uri)
        return path

    def upload(self, path: Path, uri: str) -> None:
        """Copy a file to an object."""
        objects, key = self._at(uri)
        objects.upload(path, key)

    def delete(self, *uris: str) -> None:
        """Delete objects; those that are not there are passed over."""
        for s3 in (True, False):
            chosen = [self._at(uri) for uri in uris if is_s3(uri) is s3]
            if chosen:
                chosen[0][0].delete(key for _, key in chosen)

    def _at(self, uri: str) -> tuple[Objects, str]:
        if is_s3(uri):
            return self._s3, uri.removeprefix("s3://")
        return self._local, uri.removeprefix("file://")


def is_s3(uri: str) -> bool:
    """Whether the URI is of an object in an S3 store."""
    return uri.startswith("s3://")


def join(folder: str, *names: str) -> str:
    """The URI of something in a folder; a folder's own URI ends with `/` when the last name is empty."""
    return "/".join([folder.rstrip("/"), *names])
