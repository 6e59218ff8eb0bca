"""Files of web servers, read as streams. Used by `store`.

Redirects are followed here, one by one, since each leads to an address that must be checked. Nothing that a server
answers is quoted in a message: it may be what its reader should not see.
"""

import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError, IncompleteRead, LocationValueError

from noria.contract import ExitCode, shown
from noria_store.alarm import Alarm
from noria_store.error import StepError, not_found
from noria_store.pool import CheckedPools
from noria_store.reach import Reach
from noria_store.stream import CHUNK, Guarded

TIMEOUT_SECONDS = 30.0
"""Timeout of each response and each chunk of a download, not of the whole."""
MOST_SECONDS = 3600.0
MOST_BYTES = 10 << 30
MOST_REDIRECTS = 5


@contextmanager
def open(
    uri: str, reach: Reach, *, most_seconds: float = MOST_SECONDS, most_bytes: int = MOST_BYTES
) -> Iterator[Guarded]:
    """The content of `uri`. Raises StepError, also while it is being read."""
    reach.check(uri)
    with Alarm(most_seconds) as alarm:
        try:
            answer = _answer(uri, reach, alarm)
        except (OSError, HTTPError, ValueError) as error:
            raise _slow(uri, alarm) if alarm.rang else _failure(uri, error) from error
        with closing(answer):
            if answer.status != HTTPStatus.OK:
                raise _refusal(uri, answer.status)
            limited = _Limited(answer, uri, alarm, most_bytes)
            failure = lambda error: _slow(uri, alarm) if alarm.rang else _failure(uri, error)  # noqa: E731
            yield Guarded(limited, failure, _mark(answer))


class _Limited:
    """An answer that ends before its limits, or in a StepError."""

    def __init__(self, answer: BaseHTTPResponse, uri: str, alarm: Alarm, most_bytes: int) -> None:
        self._answer, self._uri, self._alarm, self._most, self._count = answer, uri, alarm, most_bytes, 0
        self._add(answer.length_remaining or 0)
        self._count = 0

    def read(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes."""
        data = self._answer.read1(size, decode_content=False)  # `read` waits for all of it
        if self._alarm.rang:  # where no length is promised, a connection that is shut down looks like the end
            raise _slow(self._uri, self._alarm)
        self._add(len(data))
        return data

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > self._most:
            words = f"{shown(self._uri)} is larger than {self._most >> 20:,} MiB: copy it to an S3 bucket"
            raise StepError(ExitCode.BAD_DATA, "TooLarge", words)


def _answer(uri: str, reach: Reach, alarm: Alarm) -> BaseHTTPResponse:
    """The answer after all redirects. Raises StepError for a redirect that is not followed."""
    at = uri
    for _ in range(MOST_REDIRECTS + 1):
        answer = pools(at, reach, alarm).urlopen(
            "GET",
            at,
            headers={"User-Agent": "noria", "Accept-Encoding": "identity"},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )
        target = answer.get_redirect_location()
        if not target:
            return answer
        answer.close()
        at = _followed(uri, at, urljoin(at, target), reach)
    raise StepError(ExitCode.BAD_DATA, "BadRedirect", f"{shown(uri)} redirects more than {MOST_REDIRECTS} times")


def _mark(answer: BaseHTTPResponse) -> str:
    """When the content was written, else its tag, and its length. Of mirrors, each has tags of its own; a page that is
    made for each request was written at that moment.
    """
    date, written, tag, length = (
        answer.headers.get(name, "") for name in ("Date", "Last-Modified", "ETag", "Content-Length")
    )
    return f"{written if written != date else tag} {length}".strip()


def pools(uri: str, reach: Reach, alarm: Alarm) -> PoolManager:
    """Connections for one request; a proxy is a person's own: in a pod it would read what the pod may not."""
    timeout = Timeout(TIMEOUT_SECONDS)
    parts = urlsplit(uri)
    proxy = urllib.request.getproxies().get(parts.scheme) if reach.is_unlimited else None
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return ProxyManager(proxy if "://" in proxy else f"http://{proxy}", timeout=timeout)
    return CheckedPools(reach, seen=alarm.watch, timeout=timeout)


def _followed(uri: str, before: str, target: str, reach: Reach) -> str:
    """The target of a redirect, if it may be followed."""
    scheme = urlsplit(target).scheme
    if scheme not in ("http", "https") or (scheme == "http" and before.startswith("https://")):
        words = f"{shown(uri)} redirects from https to {scheme if scheme.isalnum() else 'something else'}"
        raise StepError(ExitCode.NOT_PERMITTED, "BadRedirect", f"{words}: give the https:// URL of the file itself")
    reach.check(target)
    return target


def _refusal(uri: str, code: int) -> StepError:
    phrase = f"HTTP {code} {HTTPStatus(code).phrase}" if code in {*HTTPStatus} else f"HTTP {code}"
    if code in (401, 403, 407):
        words = f"{shown(uri)} needs credentials ({phrase}): make it public, or copy it to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "AccessDenied", words)
    if code in (404, 410):
        return not_found(shown(uri), f" ({phrase})")
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", f"{shown(uri)} cannot be read: {phrase}")


def _slow(uri: str, alarm: Alarm) -> StepError:
    words = f"{shown(uri)} was not read whole within {alarm.seconds:.0f} s: copy it to an S3 bucket"
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", words)


def _failure(uri: str, error: Exception) -> StepError:
    if isinstance(error, LocationValueError):
        return StepError(ExitCode.BAD_ORDER, "BadAddress", f"{shown(uri)} is not a valid URL: correct it")
    cause = cause_of(error)
    if isinstance(cause, ssl.SSLError):
        words = f"{shown(uri)} has an untrusted certificate: {cause}; copy the file to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", words)
    words = str(cause) if cause else "its answer is not that of a web server"
    message = f"{shown(uri)} cannot be read: {words}; check the host name"
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", message)


def cause_of(error: BaseException) -> Exception | None:
    """What happened on the network. Other errors quote the answer: a line that is no header, for example."""
    while not isinstance(error, (OSError, IncompleteRead)):
        inner = [each for each in (error.__cause__, *error.args) if isinstance(each, Exception)]
        if not inner:
            return None
        error = inner[0]
    return error
