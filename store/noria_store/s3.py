"""Any S3 through `minio`, with short timeouts, few retries and readable errors. Used by `store`.

Without keys the pod's workload identity is used; a Dataset's source with an endpoint but no keys is read anonymously.
"""

import io
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.credentials.providers import IamAwsProvider
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from noria.contract import ORDER_VARIABLE, SOURCE_PREFIX, STORE_SECRET, STORE_VARIABLES, ExitCode
from noria_store.entry import Entry
from noria_store.error import StepError
from noria_store.pool import CheckedPools
from noria_store.reach import UNLIMITED, Reach
from noria_store.stream import CHUNK, Guarded, Stream
from noria_store.uri import split

AMAZON = "https://s3.amazonaws.com"
MOST_SECONDS = 3 * 3600.0
"""For one object from an endpoint that a source names; larger objects than this allows are divided."""
CONNECT_SECONDS, READ_SECONDS, RETRIES = 4.0, 60.0, 2
"""Three attempts with pauses: a host that never answers fails after 14 s."""
CONNECTIONS = 32
_IDENTITY = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)
_REFUSED = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AccountProblem"}
)


class Client:
    """A connection, with what its error messages name: the host, and where to change its settings."""

    def __init__(self, minio: Minio, *, endpoint: str, settings: str, keys: bool, is_foreign: bool) -> None:
        self.minio, self.endpoint, self.settings, self.keys = minio, endpoint, settings, keys
        self.is_foreign = is_foreign
        """Whether a source names the endpoint."""


def client(
    environment: Mapping[str, str], prefix: str = "", *, anonymous: bool = False, reach: Reach = UNLIMITED
) -> Client:
    """A connection configured by the AWS_* variables. A source's variables take precedence over the platform's, keys
    only as a pair: the platform's keys are never sent to an endpoint that the source names, and this is connected to
    within `reach`. The platform's endpoint is the administrator's.

    With `anonymous`, public objects can be read without keys. Raises StepError for settings that cannot be used.
    """
    endpoint = environment.get(prefix + "AWS_ENDPOINT_URL") or environment.get("AWS_ENDPOINT_URL") or AMAZON
    region = environment.get(prefix + "AWS_REGION") or environment.get("AWS_REGION") or None
    has_own = any(environment.get(prefix + name) for name in ("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"))
    named = prefix if has_own else ""
    key, secret = environment.get(named + "AWS_ACCESS_KEY_ID"), environment.get(named + "AWS_SECRET_ACCESS_KEY")
    identity = not named and not key and any(name in environment for name in _IDENTITY)
    settings = _settings(environment, named)
    is_foreign = bool(prefix) and _is_foreign(environment, prefix)
    try:
        minio = _minio(
            endpoint,
            region=region,
            reach=reach if is_foreign else UNLIMITED,
            access_key=key or None,
            secret_key=secret if key else None,
            session_token=environment.get(named + "AWS_SESSION_TOKEN") if key else None,
            credentials=IamAwsProvider() if identity else None,
        )
    except ValueError as error:  # the address is not repeated: it may hold a password
        message = f"the object store cannot be used: {error}; check {', '.join(STORE_VARIABLES)} in {settings}"
        raise StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", message) from error
    keys = bool(key or identity or named or anonymous)
    return Client(minio, endpoint=endpoint, settings=settings, keys=keys, is_foreign=is_foreign)


def _is_foreign(environment: Mapping[str, str], prefix: str) -> bool:
    """Whether the source names another endpoint than the platform does."""
    named, ours = environment.get(prefix + "AWS_ENDPOINT_URL", ""), environment.get("AWS_ENDPOINT_URL") or AMAZON
    return named.rstrip("/") not in ("", ours.rstrip("/"))


def _minio(endpoint: str, *, region: str | None, reach: Reach, **credentials: Any) -> Minio:
    """Raises ValueError for what cannot be an address, a region or a pair of keys."""
    parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    return Minio(
        endpoint=parts.netloc,
        secure=parts.scheme != "http",
        region=region or (None if endpoint == AMAZON else "us-east-1"),
        http_client=CheckedPools(
            reach,
            schemes=("https", "http") if parts.scheme == "http" else ("https",),  # no redirect leads to http
            maxsize=CONNECTIONS,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(total=RETRIES, backoff_factor=0.5, status_forcelist=[500, 502, 503, 504]),
        ),
        **credentials,
    )


def _settings(environment: Mapping[str, str], prefix: str) -> str:
    if ORDER_VARIABLE not in environment:
        return "the environment"
    if prefix == SOURCE_PREFIX:
        return "the Secret that the Dataset's source.secretRef names"
    return f"the Secret {STORE_SECRET} of this namespace"


class _Timed:
    """Content that ends in time, or in a StepError, also where it comes byte by byte."""

    def __init__(self, response: BaseHTTPResponse, key: str) -> None:
        self._response, self._key, self._end = response, key, time.monotonic() + MOST_SECONDS

    def read(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes."""
        data = self._response.read1(size)  # `read` waits for all of it
        if time.monotonic() > self._end:
            words = f"s3://{self._key} was not read whole within {MOST_SECONDS:.0f} s: divide it"
            raise StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", words)
        return data


class S3:
    """Objects in buckets; keys are `bucket/key`."""

    def __init__(self, client: Client) -> None:
        self._client, self._minio = client, client.minio

    @contextmanager
    def open(self, key: str) -> Iterator[Stream | None]:
        """The content, none where there is no such object."""
        response = self._get(key)
        if response is None:
            yield None
            return
        try:
            content = _Timed(response, key) if self._client.is_foreign else response
            yield Guarded(content, lambda error: self._failure(key, error))
        finally:
            response.close()
            response.release_conn()

    def _get(self, key: str) -> BaseHTTPResponse | None:
        with self._errors(key), self._absent():
            response: BaseHTTPResponse = self._minio.get_object(*split(key))
            return response
        return None

    def write(self, key: str, data: bytes) -> None:
        """Makes or replaces the object."""
        with self._errors(key):
            self._minio.put_object(*split(key), io.BytesIO(data), len(data))

    def write_once(self, key: str, data: bytes) -> bool:
        """Makes the object; False where it was there already. A store that knows no conditions may replace it once."""
        if self.entry(key) is not None:
            return False
        with self._errors(key):
            try:
                # minio's public call would turn this header into user metadata
                self._minio._put_object(*split(key), data, {"If-None-Match": "*"})
            except S3Error as error:
                if error.code in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                if error.code != "NotImplemented":
                    raise
                self.write(key, data)
        return True

    def entry(self, key: str) -> Entry | None:
        """The object, none where there is no such object."""
        with self._errors(key), self._absent():
            found = self._minio.stat_object(*split(key))
            return Entry(key, int(found.size or 0), found.etag or "")
        return None

    def entries(self, key: str) -> Iterator[Entry]:
        """Every object below the folder, sorted by key."""
        bucket, prefix = split(key if key.endswith("/") else key + "/")
        with self._errors(key):
            for found in self._minio.list_objects(bucket, prefix, recursive=True):
                if not found.object_name.endswith("/"):
                    yield Entry(f"{bucket}/{found.object_name}", int(found.size or 0), found.etag or "")

    def children(self, key: str) -> Sequence[str]:
        """Names right below the folder, sorted; those of folders end with `/`."""
        bucket, prefix = split(key if key.endswith("/") else key + "/")
        with self._errors(key):
            found = [each.object_name.removeprefix(prefix) for each in self._minio.list_objects(bucket, prefix)]
        return sorted(filter(None, found))

    def upload(self, path: Path, key: str) -> None:
        """Copies the file to the object."""
        with self._errors(key):
            self._minio.fput_object(*split(key), path.as_posix())

    def make_bucket(self, name: str) -> bool:
        """Makes the bucket; False where it was there already."""
        with self._errors(name):
            if self._minio.bucket_exists(name):
                return False
            self._minio.make_bucket(name)
            return True

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes the objects, a thousand at a time; missing ones are ignored."""
        by_bucket: dict[str, list[DeleteObject]] = {}
        for bucket, name in map(split, keys):
            by_bucket.setdefault(bucket, []).append(DeleteObject(name))
        for bucket, names in by_bucket.items():
            with self._errors(bucket):
                for failure in self._minio.remove_objects(bucket, names):
                    raise StepError(
                        ExitCode.NOT_PERMITTED if failure.code in _REFUSED else ExitCode.UNAVAILABLE,
                        "DeleteFailed",
                        f"s3://{bucket}/{failure.name} could not be deleted: {failure.message}",
                    )

    @contextmanager
    def _absent(self) -> Iterator[None]:
        """Ignores that there is no such object."""
        try:
            yield
        except S3Error as error:
            if error.code not in ("NoSuchKey", "NoSuchVersion"):
                raise

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        """Turns errors of the store or the network into a StepError."""
        if not self._client.keys:
            words = f"no credentials for s3://{key}: set {', '.join(STORE_VARIABLES)} in {self._client.settings}"
            raise StepError(ExitCode.NOT_PERMITTED, "NoCredentials", words)
        try:
            yield
        except ValueError as error:
            raise StepError(
                ExitCode.BAD_ORDER, "BadAddress", f"s3://{key} is not a valid S3 address: {error}"
            ) from error
        except (MinioException, HTTPError, ParseError) as error:
            raise self._failure(key, error) from error

    def _failure(self, key: str, error: Exception) -> StepError:
        uri, host = f"s3://{key}", self._client.endpoint
        code = error.code or "" if isinstance(error, S3Error) else ""
        if code in _REFUSED or (isinstance(error, S3Error) and error.response.status in (401, 403)):
            cure = f"check the keys in {self._client.settings} and their permissions"
            words = f"{host} denied access to {uri}: {code}; {cure}"
            return StepError(ExitCode.NOT_PERMITTED, "AccessDenied", words)
        if code == "NoSuchBucket":
            words = f"{host} has no bucket {key.partition('/')[0]!r}: create it, or correct {uri}"
            return StepError(ExitCode.UNAVAILABLE, "NoSuchBucket", words)
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(error, InvalidResponseError | ParseError):  # it quotes the answer, of whatever server this is
            words = f"{host} does not answer as an S3 store does; check AWS_ENDPOINT_URL in {self._client.settings}"
            return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", words)
        if isinstance(cause, SSLError):
            words = f"{host} has an untrusted certificate: {cause}; check AWS_ENDPOINT_URL in {self._client.settings}"
            return StepError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", words)
        words = f"{uri} cannot be reached at {host}: {cause}; check AWS_ENDPOINT_URL in {self._client.settings}"
        return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", words)
