"""Probes say no when a restart would help, and only then."""

import asyncio

import aiohttp
import pytest
from prometheus_client import REGISTRY

from noria.runtime import metric
from noria.runtime.cache import Key
from noria.runtime.health import Health, serve
from noria.runtime.queue import WorkQueue

KEY = Key("Dataset", "shop", "shoes")


def health(stuck_seconds: float = 600) -> Health:
    return Health(WorkQueue(retry_seconds=1, retry_seconds_max=1), stuck_seconds=stuck_seconds)


@pytest.mark.parametrize(("stuck_seconds", "words"), [(600, "None"), (0.01, "a reconcile has been running")])
async def test_a_reconcile_that_never_ends_asks_for_a_restart(stuck_seconds: float, words: str) -> None:
    found = health(stuck_seconds)
    found.queue.add(KEY)
    await found.queue.get()
    await asyncio.sleep(0.05)
    assert words in str(found.not_alive())


async def test_waiting_objects_ask_for_a_restart_of_the_leader_alone() -> None:
    found = health(0.01)
    found.queue.add(KEY)
    await asyncio.sleep(0.05)
    assert found.not_alive() is None
    found.leading = True
    assert "has been waiting" in str(found.not_alive())


async def test_a_stream_that_misses_changes_again_and_again_asks_for_a_restart() -> None:
    found = health()
    found.note_missed("Pod", 3)
    found.note_missed("Pod", 0)
    found.note_missed("Pod", 1)
    assert found.not_alive() is None
    found.note_missed("Pod", 1)
    assert found.not_alive() == "watch streams deliver no changes: Pod"


async def test_the_page_answers_probes_and_scrapes(unused_tcp_port: int) -> None:
    found = health()
    runner = await serve(found, unused_tcp_port)
    try:
        assert await status(unused_tcp_port, "/healthz") == (200, "ok")
        assert await status(unused_tcp_port, "/readyz") == (503, "the cache is being filled")
        found.synced = True
        assert await status(unused_tcp_port, "/readyz") == (200, "ok")
        code, text = await status(unused_tcp_port, "/metrics")
        assert code == 200
        assert "# HELP noria_queue_depth_objects Objects waiting to be reconciled." in text
    finally:
        await runner.cleanup()


async def status(port: int, path: str) -> tuple[int, str]:
    """Status and text of a page."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


def test_reconciles_are_counted_under_the_earlier_names_too() -> None:
    labels = {"kind": "Dataset", "result": "done"}
    before = [REGISTRY.get_sample_value(name, labels) or 0 for name in ("noria_reconcile_total", "noria_pass_total")]
    metric.observe_reconcile(**labels, seconds=0.5)
    after = [REGISTRY.get_sample_value(name, labels) for name in ("noria_reconcile_total", "noria_pass_total")]
    assert after == [count + 1 for count in before]
    for name in ("noria_reconcile_duration_seconds_sum", "noria_pass_duration_seconds_sum"):
        assert (REGISTRY.get_sample_value(name, {"kind": "Dataset"}) or 0) >= 0.5
