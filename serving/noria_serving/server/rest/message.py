"""HTTP/1.1 messages: the head of a request, the answer, and their bytes. Pure."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

from noria_serving.server.status import CLIENT_CLOSED_REQUEST

_REASONS = {status.value: status.phrase for status in HTTPStatus} | {CLIENT_CLOSED_REQUEST: "Client Closed Request"}
_ORIGIN = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
"""What stands before the path where a client asks as if the server were a proxy (RFC 9112, 3.2.2)."""
_OLD = "HTTP/1.0"
_METHODS = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"})


class BadMessage(Exception):
    """What came is no request that can be answered; the connection ends with this status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True)
class Head:
    """Request line and headers. Header names are in lower case."""

    method: str
    target: str
    """Path and query."""
    headers: dict[str, str]
    keeps_alive: bool
    length: int | None
    """Bytes of the body; none where it comes in chunks."""
    is_old: bool = False
    """Whether it is HTTP/1.0, which ends a connection unless both sides agree to keep it."""


@dataclass(frozen=True)
class Response:
    """An answer; Content-Length, Date and Connection are added when it is sent."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def parse_head(data: bytes) -> Head:
    """The head of a request, given without its empty line. Clients send few different ones. Raises BadMessage."""
    first, *lines = data.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[1]:
        raise BadMessage(400, f"Malformed request line: {first[:200]}")
    method, target, version = parts
    if method not in _METHODS:
        raise BadMessage(501, f"Unknown method: {method[:200]}")
    headers = _headers(lines)
    connection = headers.get("connection", "").lower()
    is_old = version == _OLD
    keeps_alive = "keep-alive" in connection if is_old else "close" not in connection
    return Head(method, _ORIGIN.sub("", target), headers, keeps_alive, _length(headers), is_old)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadMessage(400, f"Malformed header: {line[:200]}")
        name, value = name.lower(), value.strip()
        if name == "content-length" and headers.get(name, value) != value:
            raise BadMessage(400, "Two values of Content-Length")
        headers[name] = value
    return headers


def _length(headers: dict[str, str]) -> int | None:
    text = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked" or text is not None:
            raise BadMessage(400, f"Malformed Transfer-Encoding: {coding[:200]}")
        return None
    if text is None:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadMessage(400, f"Malformed Content-Length: {text[:200]}")
    return int(text)


@lru_cache(maxsize=1024)
def _start(status: int, content_type: str, size: int, keeps_alive: bool, is_old: bool) -> bytes:
    version = _OLD if is_old else "HTTP/1.1"
    lines = [f"{version} {status} {_REASONS.get(status, 'Unknown')}", f"Content-Type: {content_type}"]
    lines.append(f"Content-Length: {size}")
    if not keeps_alive:
        lines.append("Connection: close")
    elif is_old:
        lines.append("Connection: keep-alive")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n"


def to_bytes(head: Head | None, response: Response, *, keeps_alive: bool, date: bytes) -> bytes:
    """The answer to a request, or to what is none, on the wire; `date` is the line of the Date header."""
    more = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in response.headers.items())
    is_old = head is not None and head.is_old
    start = _start(response.status, response.content_type, len(response.body), keeps_alive, is_old)
    body = b"" if head is not None and head.method == "HEAD" else response.body
    return start + date + more + b"\r\n" + body


def page(status: int) -> Response:
    """The page that libevent answers for what no handler wants."""
    reason = _REASONS.get(status, "Unknown")
    text = f"<HTML><HEAD>\n<TITLE>{status} {reason}</TITLE>\n</HEAD><BODY>\n<H1>{reason}</H1>\n</BODY></HTML>\n"
    return Response(status, text.encode(), "text/html")
