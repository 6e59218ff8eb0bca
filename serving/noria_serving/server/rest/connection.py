"""One client's HTTP/1.1 connection: bytes to requests, in order, and answers back. Used by `rest.listener`.

Source: RFC 9112.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from noria_serving.server.rest.message import BadMessage, Head, Response, page, parse_head, to_bytes


@dataclass(frozen=True)
class Limits:
    """What a client may ask of a connection. Sizes in bytes, times in seconds."""

    head: int = 64 << 10
    body: int = 1 << 30
    request: float = 60.0
    """Without any progress of a request that has begun, or of an answer that is not read."""
    idle: float = 600.0
    """Between requests."""


class Application(Protocol):
    """What answers requests."""

    def answer(self, head: Head, body: bytes) -> Response:
        """The answer; never raises. Called in the event loop's thread or in another."""

    def is_quick(self, head: Head, size: int) -> bool:
        """Whether answering takes so little that a thread change would cost more."""


class Owner(Protocol):
    """What a connection needs of its listener."""

    application: Application
    limits: Limits
    connections: "set[Connection]"
    draining: bool
    """Whether clients are asked to connect anew after their next answer."""
    date: bytes
    """The line of the Date header."""

    def submit(self, head: Head, body: bytes, done: Callable[[Response], None]) -> None:
        """Answer in another thread and call `done` in the event loop."""

    def now(self) -> float:
        """The event loop's clock."""


class Connection(asyncio.Protocol):
    """One client's connection: bytes to requests, in order, and answers back."""

    def __init__(self, listener: Owner) -> None:
        self._listener = listener
        self._buffer = bytearray()
        self._head: Head | None = None
        self._chunks: bytearray | None = None
        self._busy = self._paused = self._ended = False
        self._touched = self._began = listener.now()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports inherit from nothing
        self._listener.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the event loop."""
        self._ended = True
        self._listener.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        self._touched = self._listener.now()
        if not (self._buffer or self._head):
            self._began = self._touched
        self._buffer += data
        if self._busy or self._paused:
            if len(self._buffer) > self._listener.limits.head:
                self._transport.pause_reading()
            return
        self._advance()

    def pause_writing(self) -> None:
        """Called by the event loop when the client does not read its answers."""
        self._paused = True
        self._touched = self._listener.now()

    def resume_writing(self) -> None:
        """Called by the event loop when the client has read."""
        self._paused = False
        self._advance()

    def close_if_idle(self) -> None:
        """End a connection that is not in the middle of a request."""
        if not (self._busy or self._paused or self._head or self._buffer):
            self._transport.close()

    def close_if_late(self, now: float) -> None:
        """End a connection whose client lets a request or an answer lie, or does nothing for long."""
        limits, waited = self._listener.limits, now - self._touched
        if self._busy:
            return
        if self._buffer and not self._head:
            waited = now - self._began
        if self._paused and waited > limits.request:
            self._transport.abort()
        elif (self._head or self._buffer) and waited > limits.request:
            self._refuse(BadMessage(408, "The request did not arrive in time"))
        elif waited > limits.idle:
            self._transport.close()

    def _advance(self) -> None:
        """Answer the requests that are whole."""
        try:
            while not (self._busy or self._paused or self._ended):
                body = self._next_body()
                if body is None or self._head is None:
                    return
                head, self._head = self._head, None
                self._serve(head, body)
        except BadMessage as error:
            self._refuse(error)

    def _serve(self, head: Head, body: bytes) -> None:
        application = self._listener.application
        if application.is_quick(head, len(body)):
            self._send(head, application.answer(head, body))
            return
        self._busy = True
        self._listener.submit(head, body, lambda response: self._finish(head, response))

    def _finish(self, head: Head, response: Response) -> None:
        self._busy = False
        if self._ended:
            return
        self._send(head, response)
        if not self._ended:
            self._transport.resume_reading()
            self._advance()

    def _send(self, head: Head, response: Response) -> None:
        keeps_alive = head.keeps_alive and not self._listener.draining
        self._touched = self._listener.now()
        self._transport.write(to_bytes(head, response, keeps_alive=keeps_alive, date=self._listener.date))
        if not keeps_alive:
            self._ended = True
            self._transport.close()

    def _refuse(self, error: BadMessage) -> None:
        self._ended = True
        self._transport.write(to_bytes(None, page(error.status), keeps_alive=False, date=self._listener.date))
        self._transport.close()

    def _next_body(self) -> bytes | None:
        """The body of the next request once it is whole; its head is then in `_head`."""
        if self._head is None:
            self._read_head()
        if self._head is None:
            return None
        if self._head.length is None:
            return self._next_chunked()
        if self._head.length > self._listener.limits.body:
            raise BadMessage(413, "The body is too large")
        if len(self._buffer) < self._head.length:
            return None
        body = bytes(self._buffer[: self._head.length])
        del self._buffer[: self._head.length]
        return body

    def _read_head(self) -> None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n", 0, self._listener.limits.head)
        if end < 0:
            if len(self._buffer) >= self._listener.limits.head:
                raise BadMessage(431, "The headers are too large")
            return
        self._head = parse_head(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        if self._head.headers.get("expect", "").lower() == "100-continue" and not self._buffer:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _next_chunked(self) -> bytes | None:
        """The body once its last chunk is here (RFC 9112, 7.1)."""
        chunks = self._chunks = bytearray() if self._chunks is None else self._chunks
        while (end := self._buffer.find(b"\r\n", 0, 1024)) >= 0:
            size = _chunk_size(bytes(self._buffer[:end]))
            if size == 0:
                return self._end_of_chunks(end + 2)
            if len(chunks) + size > self._listener.limits.body:
                raise BadMessage(413, "The body is too large")
            if len(self._buffer) < end + 2 + size + 2:
                return None
            chunks += self._buffer[end + 2 : end + 2 + size]
            del self._buffer[: end + 2 + size + 2]
        if len(self._buffer) > 1024:
            raise BadMessage(400, "Malformed chunk")
        return None

    def _end_of_chunks(self, start: int) -> bytes | None:
        """The body, once the trailer after the last chunk is here too."""
        if self._buffer.startswith(b"\r\n", start):
            end = start + 2
        elif (found := self._buffer.find(b"\r\n\r\n", start)) >= 0:
            end = found + 4
        elif len(self._buffer) > self._listener.limits.head:
            raise BadMessage(431, "The trailer is too large")
        else:
            return None
        del self._buffer[:end]
        body, self._chunks = bytes(self._chunks or b""), None
        return body


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    try:
        if not digits.isalnum():
            raise ValueError
        return int(digits, 16)
    except ValueError:
        raise BadMessage(400, "Malformed chunk size") from None
