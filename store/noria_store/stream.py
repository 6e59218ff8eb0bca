"""Objects as streams of bytes, so that the largest needs no memory."""

import http.client
from collections.abc import Callable, Iterator
from typing import Protocol

import urllib3

from noria_store.error import StepError

CHUNK = 1 << 20


class Stream(Protocol):
    """What bytes are read from: a file, an HTTP answer."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes, none at the end."""


class Guarded:
    """Passes a stream through, and raises what `failure` makes of the error where it breaks off.

    `mark` tells the content from what was there before or comes after; it is empty where nothing does.
    """

    def __init__(self, stream: Stream, failure: Callable[[Exception], StepError], mark: str = "") -> None:
        self._stream, self._failure, self.mark = stream, failure, mark

    def read(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes of the stream."""
        try:
            return self._stream.read(size)
        except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
            raise self._failure(error) from error


def chunks(stream: Stream) -> Iterator[bytes]:
    """All that is left of the stream."""
    return iter(lambda: stream.read(CHUNK), b"")
