"""Opens an artifact as one stream of bytes and digests it on the way. Called by the puller.

Errors carry what the puller reports: a reason, a message and an exit code.
"""

import hashlib
import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from noria.contract import ExitCode
from noria_store.s3 import READ_SECONDS, REFUSED, client

_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion"})


class PullError(Exception):
    """Why an artifact cannot be put in place."""

    def __init__(self, code: ExitCode, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


class Stream(Protocol):
    """What is read from: a file, an HTTP answer."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes, none at the end."""


class Digested:
    """Passes a stream through, keeps the sha256 of what was read, and raises PullError where it breaks off."""

    def __init__(self, stream: Stream, uri: str) -> None:
        self._stream, self._uri, self._sha256 = stream, uri, hashlib.sha256()

    def read(self, size: int = 1 << 20) -> bytes:
        """Up to `size` bytes of the stream."""
        try:
            data = self._stream.read(size)
        except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
            raise unavailable(self._uri, error) from error
        self._sha256.update(data)
        return data

    def digest(self) -> str:
        """The digest of the whole stream, `sha256:...`; reads what is left of it."""
        while self.read():
            pass
        return f"sha256:{self._sha256.hexdigest()}"


@contextmanager
def open_artifact(uri: str, environment: Mapping[str, str]) -> Iterator[Stream]:
    """Open `s3://bucket/key`, `https://...` or a local path; raises PullError, also while it is read."""
    scheme = urlsplit(uri).scheme
    opened = {"s3": _s3, "https": _http, "http": _http, "file": _file, "": _file}.get(scheme)
    if opened is None:
        raise PullError(ExitCode.BAD_ORDER, "UnknownScheme", f"{uri}: only s3://, https:// and paths can be fetched")
    with opened(uri, environment) as stream:
        yield stream


@contextmanager
def _s3(uri: str, environment: Mapping[str, str]) -> Iterator[Stream]:
    parts = urlsplit(uri)
    try:
        response = store(environment).get_object(parts.netloc, parts.path.lstrip("/"))
        try:
            yield response
        finally:
            response.close()
            response.release_conn()
    except S3Error as error:
        raise _s3_failure(uri, error) from error
    except (MinioException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise unavailable(uri, error) from error


def _s3_failure(uri: str, error: S3Error) -> PullError:
    code = error.code or ""
    if code in _ABSENT:
        return PullError(ExitCode.BAD_DATA, "ArtifactNotFound", f"{uri}: {error.message}")
    if code == "NoSuchBucket":
        return PullError(ExitCode.UNAVAILABLE, code, f"{uri}: {error.message}; create it, or correct the URI")
    if code in REFUSED or error.response.status in (401, 403):
        cure = "check the credentials in the Secret noria-object-store"
        return PullError(ExitCode.NOT_PERMITTED, "AccessDenied", f"{uri}: {code}: {error.message}; {cure}")
    return unavailable(uri, error)


def store(environment: Mapping[str, str]) -> Minio:
    """The object store that the AWS_* variables describe; without keys, the pod's workload identity or nobody."""
    return client(environment, anonymous=True).minio


@contextmanager
def _http(uri: str, environment: Mapping[str, str]) -> Iterator[Stream]:
    try:
        with closing(urllib.request.urlopen(uri, timeout=READ_SECONDS)) as response:
            yield response
    except urllib.error.HTTPError as error:
        raise _http_failure(uri, error) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            raise PullError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", f"{uri}: {error.reason}") from error
        raise unavailable(uri, error) from error


def _http_failure(uri: str, error: urllib.error.HTTPError) -> PullError:
    if error.code in (401, 403, 407):
        return PullError(ExitCode.NOT_PERMITTED, "AccessDenied", f"{uri}: {error}")
    if error.code in (404, 410):
        return PullError(ExitCode.BAD_DATA, "ArtifactNotFound", f"{uri}: {error}")
    return unavailable(uri, error)


@contextmanager
def _file(uri: str, environment: Mapping[str, str]) -> Iterator[Stream]:
    path = Path(urlsplit(uri).path)
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise PullError(ExitCode.BAD_DATA, "ArtifactNotFound", f"{path} does not exist") from None
    except PermissionError:
        raise PullError(ExitCode.NOT_PERMITTED, "AccessDenied", f"{path} may not be read") from None
    with stream:
        yield stream


def unavailable(uri: str, error: Exception) -> PullError:
    """The store cannot be reached or broke off; trying again may help."""
    return PullError(ExitCode.UNAVAILABLE, "StoreUnavailable", f"{uri}: {error}")
