"""Files of web servers, read as streams. Used by `store`."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager

from noria.contract import ExitCode
from noria_store.error import StepError, not_found
from noria_store.stream import Guarded, Stream

TIMEOUT_SECONDS = 30.0
"""Timeout of each response and each chunk of a download, not of the whole."""


@contextmanager
def open(uri: str) -> Iterator[Stream]:
    """The content of `uri`. Raises StepError, also while it is being read."""
    request = urllib.request.Request(uri, headers={"User-Agent": "noria"})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(uri, error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _failure(uri, error) from error
    with closing(answer):
        yield Guarded(_Whole(answer), lambda error: _failure(uri, error))


class _Whole:
    """A response that raises an error where it ends before its Content-Length."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer = answer

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes."""
        data = self._answer.read(size)
        if not data and self._answer.length:  # what http.client still waits for
            raise http.client.IncompleteRead(b"", self._answer.length)
        return data


def _refusal(uri: str, error: urllib.error.HTTPError) -> StepError:
    if error.code in (401, 403, 407):
        words = f"{uri} needs credentials ({error}): make it public, or copy it to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "AccessDenied", words)
    if error.code in (404, 410):
        return not_found(uri, f" ({error})")
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", f"{uri}: {error}")


def _failure(uri: str, error: Exception) -> StepError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLError):
        words = f"{uri} has an untrusted certificate: {reason}; copy the file to an S3 bucket"
        return StepError(ExitCode.NOT_PERMITTED, "UntrustedCertificate", words)
    return StepError(ExitCode.UNAVAILABLE, "StoreUnavailable", f"{uri} cannot be read: {reason}; check the host name")
