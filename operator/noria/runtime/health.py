"""The page of probes and metrics: /healthz, /readyz and /metrics. Started by `noria.__main__`."""

from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from noria.runtime import metric
from noria.runtime.cache import Key
from noria.runtime.queue import WorkQueue

MISSED_IN_A_ROW = 2
"""A watch stream that missed changes in this many comparisons in a row is dead."""


@dataclass
class Health:
    """What the probes report."""

    queue: WorkQueue[Key]
    synced: bool = False
    """Whether the cache is filled."""
    leading: bool = False
    stuck_seconds: float = 300.0
    """A reconcile or a wait this long is stuck."""
    streams: dict[str, int] = field(default_factory=dict)
    """By kind: comparisons in a row that found changes missed by the stream."""

    def note_missed(self, kind: str, count: int) -> None:
        """Record how many changes of a kind a comparison found that the stream had missed."""
        self.streams[kind] = self.streams.get(kind, 0) + 1 if count else 0

    def not_alive(self) -> str | None:
        """Why the replica needs a restart; none if all is well."""
        if self.queue.longest_reconcile() > self.stuck_seconds:
            return f"a reconcile has been running for {self.queue.longest_reconcile():.0f} s"
        if self.leading and self.queue.longest_wait() > self.stuck_seconds:
            return f"an object has been waiting for {self.queue.longest_wait():.0f} s"
        dead = sorted(kind for kind, missed in self.streams.items() if missed >= MISSED_IN_A_ROW)
        return f"watch streams deliver no changes: {', '.join(dead)}" if dead else None

    def not_ready(self) -> str | None:
        """Why this replica could not take over immediately; none once its cache is filled."""
        return None if self.synced else "the cache is being filled"


async def serve(health: Health, port: int) -> web.AppRunner:
    """Answer probes and scrapes on this port until the runner is cleaned up."""

    async def healthz(_: web.Request) -> web.Response:
        return _verdict(health.not_alive())

    async def readyz(_: web.Request) -> web.Response:
        return _verdict(health.not_ready())

    async def metrics(_: web.Request) -> web.Response:
        metric.QUEUE_DEPTH.set(len(health.queue))
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, port=port).start()
    return runner


def _verdict(problem: str | None) -> web.Response:
    return web.Response(text=problem or "ok", status=503 if problem else 200)
