"""The HTTP session of kopf's watch streams: whatever a body or an event is, it does not end a stream. Used by `watch`.

kopf parses bodies itself and ends the process if one cannot be parsed, or if the server reports a fault of a stream;
here it gets none of these.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import aiohttp
import kopf
import structlog
from aiohttp.connector import Connection
from pydantic_core import from_json

from noria.runtime import metric
from noria.runtime.body import parse

GONE = 410
"""Code of the event on which kopf lists again."""

log = structlog.stdlib.get_logger("noria.session")


def login(
    credentials: Callable[..., kopf.ConnectionInfo | None],
) -> Callable[..., Awaitable[kopf.AiohttpSession | None]]:
    """kopf's login with these credentials: called at first, and again whenever the server has refused the last ones.

    The same ones again are none, so that kopf gives up; two sessions look different to it even with the same token.
    """
    refused: kopf.ConnectionInfo | None = None

    async def log_in(**arguments: Any) -> kopf.AiohttpSession | None:
        nonlocal refused
        info = credentials(**arguments)
        if info is None or info == refused:
            return None
        refused = info
        return session(info)

    return log_in


def session(info: kopf.ConnectionInfo) -> kopf.AiohttpSession:
    """A session for this cluster and user, as kopf would make it."""
    client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=info.as_ssl_context()),
        headers=info.as_http_headers(),
        proxy=info.proxy_url,
        trust_env=info.trust_env,
        response_class=Response,
    )
    return kopf.AiohttpSession(
        aiohttp_session=client,
        server=info.server,
        default_namespace=info.default_namespace,
        priority=info.priority,
        expiration=info.expiration,
    )


class Response(aiohttp.ClientResponse):
    """An answer of the API server."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head; events of a watch pass through `Events`."""
        await super().start(connection)
        if self.url.query.get("watch") == "true":
            self.content = cast("aiohttp.StreamReader", Events(self.content))
        return self

    async def json(self, **_: Any) -> Any:
        """The body. Raises json.JSONDecodeError for what is no JSON."""
        return parse(await self.read())


class Events:
    """The content of a watch: an event per line."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Whole lines, each an event that can be parsed and walked."""
        rest = b""
        async for data in self._content.iter_chunked(size):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield safe_event(line)
        yield safe_event(rest)


def safe_event(line: bytes) -> bytes:
    """The event of a line, cut where it is too deep; nothing for what is no event."""
    if not line.strip():
        return b""
    try:
        try:
            event, text = from_json(line), line
        except ValueError:
            event = parse(line)
            text = json.dumps(event).encode()
        if event["type"] == "ERROR" and event["object"].get("code") != GONE:
            log.warning("watch failed, listing again", message=event["object"].get("message"))
            return json.dumps({"type": "ERROR", "object": {"code": GONE}}).encode() + b"\n"
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        metric.UNREADABLE.labels(kind="event").inc()
        log.warning("unreadable event", bytes=len(line), error=type(error).__name__)
        return b""
    return text + b"\n"
