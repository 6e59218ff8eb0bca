"""The HTTP listener: a port, its connections, and what it takes to drain them. For `assembly`.

One event loop serves all connections. What takes long goes to a pool of threads, so as not to hold up the others.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from email.utils import formatdate

import structlog
import uvloop

from noria_serving.server.rest.connection import Application, Connection, Limits
from noria_serving.server.rest.message import Head, Response

log = structlog.get_logger()


class Listener:
    """Listens on a port in a thread of its own, until it is drained."""

    def __init__(
        self,
        application: Application,
        port: int,
        threads: int,
        *,
        shares_port: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.application, self.limits = application, limits or Limits()
        self.pool = ThreadPoolExecutor(threads, "rest")
        self.connections: set[Connection] = set()
        self.draining = False
        self.date = b""
        self._socket = _bound(port, shares_port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="rest", daemon=True)
        self._server: asyncio.AbstractServer | None = None

    def start(self) -> None:
        """Accept connections."""
        ready: Future[None] = Future()
        self._loop.call_soon(lambda: self._loop.create_task(self._listen(ready)))
        self._thread.start()
        ready.result()

    def announce_drain(self) -> None:
        """Go on, but ask every client to connect anew after its next answer."""
        self._loop.call_soon_threadsafe(setattr, self, "draining", True)

    def drain(self, timeout: float) -> None:
        """Accept nothing any more, end idle connections, wait for those in the middle of a request."""
        asyncio.run_coroutine_threadsafe(self._drain(timeout), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._tick()
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self, ready: Future[None]) -> None:
        self._server = await self._loop.create_server(lambda: Connection(self), sock=self._socket, backlog=4096)
        ready.set_result(None)

    async def _drain(self, timeout: float) -> None:
        self.draining = True
        if self._server:
            self._server.close()
        end = self._loop.time() + timeout
        while self.connections and self._loop.time() < end:
            for connection in list(self.connections):
                connection.close_if_idle()
            await asyncio.sleep(0.02)

    def _tick(self) -> None:
        """Once a second: the Date header, and connections that have waited too long."""
        self.date = f"Date: {formatdate(usegmt=True)}\r\n".encode()
        now = self._loop.time()
        for connection in list(self.connections):
            connection.close_if_late(now)
        self._loop.call_later(1.0, self._tick)

    def submit(self, head: Head, body: bytes, done: Callable[[Response], None]) -> None:
        """Answer in the pool and call `done` in the event loop."""

        def work() -> None:
            response = self.application.answer(head, body)
            self._loop.call_soon_threadsafe(done, response)

        self.pool.submit(work)

    def now(self) -> float:
        """The event loop's clock."""
        return self._loop.time()


def _bound(port: int, shared: bool) -> socket.socket:
    """A listening socket on every address, IPv6 with IPv4 where there is IPv6; others of ours may share the port."""
    try:
        return socket.create_server(
            ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096, reuse_port=shared
        )
    except OSError:
        return socket.create_server(("0.0.0.0", port), backlog=4096, reuse_port=shared)
