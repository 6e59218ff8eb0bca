"""HTTP connections to addresses that a URI of a user may lead to. Used by `web` and `s3`.

A name is resolved once for each connection, its addresses are checked, and one of these is connected to: what the name
means a moment later does not matter.
"""

import http.client
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from noria_store.alarm import Alarm
from noria_store.reach import Reach

ANSWER_SECONDS = 300.0
"""Until an answer's head is there, and the body where it is not streamed, as that of a list."""
Seen = Callable[[socket.socket], None]
"""Called with each socket as soon as it is connected."""


class CheckedPools(PoolManager):
    """Connections within `reach`, for URLs of these schemes. Raises StepError for other addresses."""

    def __init__(
        self,
        reach: Reach,
        *,
        seen: Seen = lambda _: None,
        schemes: Sequence[str] = ("https", "http"),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._reach, self._seen = reach, seen
        self.key_fn_by_scheme = {scheme: self.key_fn_by_scheme[scheme] for scheme in schemes}

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        kind = _HTTPS if scheme == "https" else _HTTP
        # each connection of the pool is made by calling this
        pool.ConnectionCls = partial(kind, reach=self._reach, seen=self._seen)  # type: ignore[assignment]
        return pool


class _HTTP(HTTPConnection):
    def __init__(self, *args: Any, reach: Reach, seen: Seen, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reach, self._seen = reach, seen

    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn, self._reach, self._seen)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        return _answered(self, super().getresponse, self._reach)


class _HTTPS(HTTPSConnection):
    def __init__(self, *args: Any, reach: Reach, seen: Seen, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reach, self._seen = reach, seen

    def _new_conn(self) -> socket.socket:
        return _connected(self, super()._new_conn, self._reach, self._seen)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        return _answered(self, super().getresponse, self._reach)


def _answered(connection: HTTPConnection, answer: Callable[[], HTTPResponse], reach: Reach) -> HTTPResponse:
    """The answer, which may not take for ever where the server is not the administrator's own."""
    if reach.is_unlimited or connection.sock is None:
        return answer()
    with Alarm(ANSWER_SECONDS) as alarm:
        alarm.watch(connection.sock)
        try:
            found = answer()
        except (OSError, http.client.HTTPException) as error:
            if not alarm.rang:
                raise
            raise TimeoutError(f"no whole answer within {ANSWER_SECONDS:.0f} s") from error
        if alarm.rang:  # where no length is promised, a connection that is shut down looks like the end
            found.close()
            raise TimeoutError(f"no whole answer within {ANSWER_SECONDS:.0f} s")
        return found


def _connected(
    connection: HTTPConnection, connect: Callable[[], socket.socket], reach: Reach, seen: Seen
) -> socket.socket:
    """A socket to the first address of the connection's host that answers; the certificate stays the host's."""
    host = connection._dns_host
    try:
        addresses = reach.addresses(host, connection.port)
    except (OSError, UnicodeError) as error:
        reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, reason) from error
    try:
        for number, address in enumerate(addresses, 1):
            connection._dns_host = address
            try:
                made = connect()
            except (NewConnectionError, ConnectTimeoutError):
                if number == len(addresses):
                    raise
                continue
            seen(made)
            return made
    finally:
        connection._dns_host = host
    raise NameResolutionError(connection.host, connection, socket.gaierror("no addresses"))
