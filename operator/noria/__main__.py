"""The operator: `noria-operator`, or `python -m noria`. Reads settings, watches, and works while it is the leader."""

import asyncio
import gc
import logging
import os
import signal
import sys

import structlog
import uvloop

from noria.controllers import controllers, watched_types
from noria.runtime import log as logs
from noria.runtime.cache import Cache, Key
from noria.runtime.client import Client
from noria.runtime.compare import Comparison
from noria.runtime.connection import NoClusterError, connect
from noria.runtime.execute import Executor
from noria.runtime.feed import Feed
from noria.runtime.health import Health, serve
from noria.runtime.leader import lead, until_first
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
    client = Client(api, request_seconds=settings.request_seconds)
    queue: WorkQueue[Key] = WorkQueue(
        retry_seconds=settings.retry_seconds, retry_seconds_max=settings.retry_seconds_max
    )
    cache, health, watched = Cache(), Health(queue), watched_types()
    feed = Feed(cache, queue, settle_seconds=settings.settle_seconds)
    comparison = Comparison(client, cache, feed, watched, settings.watch_namespaces)
    executor = Executor(client, cache, feed, watched)
    reconciler = Reconciler(
        controllers(cache, settings),
        executor,
        cache,
        queue,
        settle_seconds=settings.settle_seconds,
        progress_seconds=settings.progress_seconds,
    )
    workers = Workers(reconciler, queue, feed, client, watched)

    async def work() -> None:
        health.leading = True
        await workers.run(settings.workers)

    async def serve_objects() -> None:
        await comparison.fill()
        health.synced = True
        log.info("cache filled", objects=len(cache))
        await until_first(comparison.run(seconds=settings.compare_seconds, health=health), lead(settings, api, work))

    page = await serve(health, settings.listen_port)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_objects())
    serving.add_done_callback(lambda _: stop.set())

    async def clean_up() -> None:
        serving.cancel()
        await asyncio.wait({serving})

    try:
        await watch(watched, feed, settings, stop=stop, clean_up=clean_up)
    finally:
        await clean_up()
        await page.cleanup()
        await api.close()  # type: ignore[no-untyped-call]  # upstream
    if serving.cancelled():
        log.info("stopped")
        return 0
    log.error("stopped unexpectedly", error=repr(serving.exception() or "lost leadership"))
    return 1


if __name__ == "__main__":
    main()
