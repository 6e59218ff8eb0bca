"""Where versions lie: folders of this machine or of an S3 bucket. Used by `server.assembly`.

The store's client is imported when a bucket is named: a server of local files starts without its half second.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from noria_serving.server.status import Code, ServingError
from noria_serving.server.version_policy import versions_among

if TYPE_CHECKING:
    from minio import Minio

S3 = "s3://"


class Source:
    """Lists versions below base paths, and brings those of a bucket to this machine."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @cached_property
    def _store(self) -> "Minio":
        from noria_serving.artifact import store

        return store(self._environment)

    def versions(self, base: str) -> dict[int, str]:
        """Where each version below a base path lies. Raises OSError where the base path is missing or out of reach."""
        root = base.rstrip("/")
        names = self._listed(root) if base.startswith(S3) else [path.name for path in Path(base).iterdir()]
        return {number: f"{root}/{name}" for number, name in versions_among(names).items()}

    def _listed(self, base: str) -> list[str]:
        bucket, prefix = _parts(base)
        with _reached(base):
            below = [entry.object_name.removeprefix(prefix) for entry in self._store.list_objects(bucket, prefix)]
        if not below:
            raise FileNotFoundError(f"{base} not found")
        return [name.rstrip("/") for name in below if name.endswith("/")]

    def fetch(self, location: str) -> Path:
        """The folder of a version, brought here if need be. Raises ServingError."""
        if not location.startswith(S3):
            return Path(location)
        bucket, prefix = _parts(location)
        folder = Path(tempfile.mkdtemp(prefix="noria-"))
        try:
            with _reached(location):
                for entry in self._store.list_objects(bucket, prefix, recursive=True):
                    if not entry.is_dir:
                        target = folder / _inside(entry.object_name.removeprefix(prefix))
                        self._store.fget_object(bucket, entry.object_name, str(target))
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ServingError(Code.UNAVAILABLE, str(error)) from None
        return folder

    def discard(self, location: str, folder: Path) -> None:
        """Remove what `fetch` brought."""
        if location.startswith(S3):
            shutil.rmtree(folder, ignore_errors=True)


def _parts(location: str) -> tuple[str, str]:
    """Bucket and prefix."""
    parts = urlsplit(location)
    prefix = parts.path.strip("/")
    return parts.netloc, f"{prefix}/" if prefix else ""


def _inside(name: str) -> str:
    if name.startswith("/") or ".." in name.split("/"):
        raise OSError(f"{name}: no name of a file in a folder")
    return name


@contextmanager
def _reached(location: str) -> Iterator[None]:
    """Whatever a store says becomes an OSError that names the location."""
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (MinioException, HTTPError, ValueError) as error:
        raise OSError(f"{location}: {error}") from error
