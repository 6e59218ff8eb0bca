"""The comparison with a real API server: it fills the cache, and finds what no watch has brought."""

import asyncio
from pathlib import Path

import pytest

from kinds import dataset
from kubernetes_api import Namespace
from noria.controllers import watched_types
from noria.runtime import connection
from noria.runtime.cache import Cache, Key
from noria.runtime.client import Client
from noria.runtime.compare import Comparison
from noria.runtime.feed import Feed
from noria.runtime.queue import WorkQueue
from operator_process import ControlPlane

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_ghosts_go_and_what_was_missed_comes(plane: ControlPlane, kubeconfig: Path, namespace: Namespace) -> None:
    api = await connection.connect(plane.admin)
    cache, queue = Cache(), WorkQueue[Key](retry_seconds=1, retry_seconds_max=1)
    feed = Feed(cache, queue, settle_seconds=0)
    client = Client(api, request_seconds=10)
    datasets = watched_types()[0]
    comparison = Comparison(client, cache, feed, [datasets], (namespace.name,))
    try:
        for name in ("stays", "goes"):
            await namespace.create(dataset(name))
        await comparison.fill()
        known = {key.name for key in [await queue.get(), await queue.get()]}
        assert known == {"stays", "goes"}
        assert await comparison.compare(datasets, grace_seconds=0) == 0
        await namespace.delete("Dataset", "goes")
        await namespace.create(dataset("came"))
        await namespace.merge("Dataset", "stays", {"metadata": {"labels": {"looked": "at"}}})
        assert await comparison.compare(datasets, grace_seconds=0) == 3
        assert {record.key.name for record in cache.of_kind("Dataset")} == {"stays", "came"}
        assert await comparison.compare(datasets, grace_seconds=0) == 0
    finally:
        await api.close()


async def test_the_first_list_waits_for_an_api_server_that_does_not_answer(
    plane: ControlPlane, kubeconfig: Path
) -> None:
    api = await connection.connect(plane.admin)
    server, api.configuration.host = api.configuration.host, "https://127.0.0.1:1"
    cache = Cache()
    feed = Feed(cache, WorkQueue[Key](retry_seconds=1, retry_seconds_max=1), settle_seconds=0)
    comparison = Comparison(Client(api, request_seconds=1), cache, feed, [watched_types()[0]], ())
    try:
        filling = asyncio.create_task(comparison.fill())
        done, _ = await asyncio.wait({filling}, timeout=0.5)
        assert not done
        api.configuration.host = server
        await asyncio.wait_for(filling, 60)
    finally:
        await api.close()
