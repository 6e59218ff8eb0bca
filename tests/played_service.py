"""One address in front of several servers, as a Kubernetes Service: a connection goes to one and stays there."""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable
from types import TracebackType


class Service:
    """Listens on `port`; `servers` says where a new connection may go."""

    def __init__(self, servers: Callable[[], list[int]]) -> None:
        self._servers, self._turn = servers, itertools.count()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "Service":
        self._thread.start()
        listening = asyncio.start_server(self._forward, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _forward(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        servers = self._servers()
        server, to_server = await asyncio.open_connection("127.0.0.1", servers[next(self._turn) % len(servers)])
        try:
            await asyncio.gather(_pipe(client, to_server), _pipe(server, to_client))
        finally:
            await asyncio.gather(_closed(to_server), _closed(to_client))


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Everything from one to the other, and then the end."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
