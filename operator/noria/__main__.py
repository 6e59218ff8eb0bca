"""The operator: `noria-operator`, or `python -m noria`. Reads settings, watches, and works while it is the leader."""

import asyncio
import gc
import logging
import os
import signal
import sys
from functools import partial

import structlog
import uvloop
from kubernetes.aio.client.api_client import ApiClient

from noria.controllers import controllers, watched_types
from noria.resources.presence_job import presence_job
from noria.runtime import log as logs
from noria.runtime.cache import Cache, Key
from noria.runtime.client import Client
from noria.runtime.compare import Comparison
from noria.runtime.connection import NoClusterError, connect
from noria.runtime.execute import Executor
from noria.runtime.feed import Feed
from noria.runtime.health import Health, serve
from noria.runtime.leader import lead, until_first
from noria.runtime.presence import Looks
from noria.runtime.queue import WorkQueue
from noria.runtime.reconcile import Reconciler
from noria.runtime.settings import OperatorSettings, describe
from noria.runtime.watch import watch
from noria.runtime.worker import Workers

log = structlog.stdlib.get_logger("noria")


def main() -> None:
    """Run until SIGTERM or until leadership is lost; `--help` prints the settings."""
    if sys.argv[1:]:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader such as `head` may close the pipe
        print(f"noria-operator takes no arguments. It reads these environment variables:\n\n{describe()}")
        sys.exit(0 if sys.argv[1:] == ["--help"] else 64)
    try:
        settings = OperatorSettings.from_environment(os.environ)
    except ValueError as error:
        sys.exit(str(error))
    logs.set_up(level=settings.log_level, text=settings.log_format == "text")
    gc.freeze()  # what is imported stays; the collector need not walk it
    gc.set_threshold(20_000, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            code = runner.run(operate(settings))
        except NoClusterError as error:
            sys.exit(str(error))
        logging.shutdown()
        os._exit(code)  # closing streams politely would wait for a server that may not answer


async def operate(settings: OperatorSettings) -> int:
    """Run a replica of the operator; returns the exit code: 0 after SIGTERM, 1 after anything else."""
    api = await connect()
    try:
        return await _Replica(settings, api).run()
    finally:
        await api.close()  # type: ignore[no-untyped-call]  # upstream


class _Replica:
    """A replica: its cache follows the cluster, and while it is the leader its workers reconcile."""

    def __init__(self, settings: OperatorSettings, api: ApiClient) -> None:
        self._settings, self._api = settings, api
        client = Client(api, request_seconds=settings.request_seconds)
        queue: WorkQueue[Key] = WorkQueue(
            retry_seconds=settings.retry_seconds, retry_seconds_max=settings.retry_seconds_max
        )
        self._cache, self._health, self._watched = Cache(), Health(queue), watched_types()
        self._feed = Feed(self._cache, queue, settle_seconds=settings.settle_seconds)
        self._comparison = Comparison(client, self._cache, self._feed, self._watched, settings.watch_namespaces)
        reconciler = Reconciler(
            controllers(self._cache, settings),
            Executor(client, self._cache, self._feed, self._watched),
            self._cache,
            queue,
            settle_seconds=settings.settle_seconds,
            progress_seconds=settings.progress_seconds,
        )
        self._looks = Looks(
            client,
            self._cache,
            self._feed,
            bucket=settings.installation.bucket,
            job=partial(presence_job, settings=settings.installation),
        )
        self._workers = Workers(reconciler, queue, self._feed, client, self._watched)

    async def run(self) -> int:
        """Serve until SIGTERM or until leadership is lost; the exit code."""
        page = await serve(self._health, self._settings.listen_port)
        stop = asyncio.Event()
        serving = asyncio.create_task(self._serve_objects())
        serving.add_done_callback(lambda _: stop.set())

        async def clean_up() -> None:
            serving.cancel()
            await asyncio.wait({serving})

        try:
            await watch(self._watched, self._feed, self._settings, stop=stop, clean_up=clean_up)
        finally:
            await clean_up()
            await page.cleanup()
        if serving.cancelled():
            log.info("stopped")
            return 0
        log.error("stopped unexpectedly", error=repr(serving.exception() or "lost leadership"))
        return 1

    async def _serve_objects(self) -> None:
        await self._comparison.fill()
        self._health.synced = True
        log.info("cache filled", objects=len(self._cache))
        comparing = self._comparison.run(seconds=self._settings.compare_seconds, health=self._health)
        await until_first(comparing, lead(self._settings, self._api, self._work))

    async def _work(self) -> None:
        self._health.leading = True
        looking = self._looks.run(seconds=self._settings.presence_seconds)
        await until_first(looking, self._workers.run(self._settings.workers))


if __name__ == "__main__":
    main()
