"""Whatever is wrong with one object, it is reported on the object where that is possible, and the others go on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from noria.api import Dataset
from noria.api.dataset import DatasetStatus
from noria.controllers import dataset as controller
from noria.decision import Decision
from noria.runtime.cache import Cache, Key, Record
from noria.runtime.error import Refused
from noria.runtime.execute import Executor, Objections
from noria.runtime.feed import Feed
from noria.runtime.queue import WorkQueue
from noria.runtime.reconcile import Look, Reconciler
from noria.runtime.worker import Workers

GOOD, ODD = (Key(Dataset.kind, "shop", name) for name in ("good", "odd"))
Body = dict[str, Any]
Bad = Callable[[], Any]


def body(key: Key) -> Body:
    """A Dataset as the API server sends it."""
    metadata = {"name": key.name, "namespace": key.namespace, "uid": f"uid-{key.name}", "resourceVersion": "1"}
    return {"kind": key.kind, "metadata": {**metadata, "generation": 1}, "spec": {}, "status": {}}


class Server:
    """An API server that refuses, or answers oddly, what is about `ODD`."""

    def __init__(self, refusal: Refused | None = None, stored: Body | None = None) -> None:
        self.refusal, self.stored = refusal, stored
        self.written: list[str] = []
        self.statuses: dict[str, Body] = {}
        self.events: list[Body] = []

    async def get(self, *_: Any) -> Body | None:
        return self.stored

    async def create(self, _: Any, namespace: str, body: Body) -> Body:
        self.events.append(body)
        return body

    async def patch_status(self, _: Any, namespace: str, name: str, patch: Body) -> Body:
        if name == ODD.name and self.refusal:
            raise self.refusal
        self.written.append(name)
        self.statuses[name] = patch["status"]
        found = body(Key(Dataset.kind, namespace, name))
        return {**found, "metadata": {**found["metadata"], "resourceVersion": "2"}, "status": patch["status"]}


async def reconciled(server: Server, look: Callable[[Record], Look]) -> None:
    """Reconcile both objects until the good one has its status, the odd one first."""
    cache: Cache = Cache()
    queue: WorkQueue[Key] = WorkQueue(retry_seconds=60, retry_seconds_max=60)
    feed = Feed(cache, queue, settle_seconds=60)
    for key in (ODD, GOOD):
        feed.take(controller.WATCHED.read(body(key)))
    client: Any = server
    watched = (controller.WATCHED,)
    executor = Executor(client, cache, feed, watched)

    def controlled(record: Record, _: Objections) -> Look:
        return look(record)

    reconciler = Reconciler({Dataset.kind: controlled}, executor, cache, queue, settle_seconds=60, progress_seconds=0)
    working = asyncio.create_task(Workers(reconciler, queue, feed, client, watched).run(1))
    try:
        async with asyncio.timeout(60):
            while GOOD.name not in server.written or len(queue):
                assert not working.done(), working.exception()
                await asyncio.sleep(0)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def observed(record: Record) -> Look:
    """The decision to write a status."""
    return Look({}, Decision(DatasetStatus(observed_generation=record.generation)))


async def test_control_characters_of_others_never_reach_a_status() -> None:
    def looked(record: Record) -> Look:
        return Look({}, Decision(DatasetStatus(observed_generation=1, classes=("cat\x1b[2J",))))

    server = Server()
    await reconciled(server, looked)
    assert server.statuses[GOOD.name]["classes"] == ["cat\\x1b[2J"]


def refused_statuses() -> float:
    """How many statuses of Datasets were refused."""
    return REGISTRY.get_sample_value("noria_status_refused_total", {"kind": Dataset.kind}) or 0


@pytest.mark.parametrize("code", [400, 413, 422])
async def test_a_status_that_is_refused_becomes_an_event_and_is_counted(code: int) -> None:
    before = refused_statuses()
    server = Server(Refused(code, "Invalid", "spec.columns: Too many"))
    await reconciled(server, observed)
    (event,) = server.events
    assert (event["reason"], event["involvedObject"]["name"], event["type"]) == ("StatusRefused", "odd", "Warning")
    assert "spec.columns: Too many" in event["message"]
    assert refused_statuses() == before + 1


@pytest.mark.parametrize("error", [RecursionError(), ValueError("'abc' is no time"), OverflowError(), MemoryError()])
async def test_an_object_on_which_the_operator_fails_has_an_event(error: Exception) -> None:
    def failing(record: Record) -> Look:
        if record.key == ODD:
            raise error
        return observed(record)

    server = Server()
    await reconciled(server, failing)
    (event,) = server.events
    assert (event["reason"], event["involvedObject"]["name"]) == ("ReconcileFailed", "odd")
    assert type(error).__name__ in event["message"]


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param({}, id="no metadata"),
        pytest.param({"metadata": None}, id="null for metadata"),
        pytest.param({"metadata": {"name": "odd"}}, id="no namespace"),
        pytest.param({**body(ODD), "metadata": {**body(ODD)["metadata"], "resourceVersion": "x"}}, id="no version"),
    ],
)
async def test_an_object_that_is_unreadable_when_it_is_read_again_is_left_aside(stored: Body) -> None:
    server = Server(Refused(409, "Conflict", "the object has been modified"), stored)
    await reconciled(server, observed)
    assert server.written == ["good"]
