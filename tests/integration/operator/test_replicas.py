"""Replicas come and go: the work goes on, and nothing is done twice. These tests bring their own operators."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from kinds import dataset, is_ready, training_job
from kubernetes_api import Namespace
from noria.contract import TrainOrder
from operator_process import ControlPlane, Operator, operator
from played_node import Ending, Play, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")
Start = Callable[..., AbstractAsyncContextManager[Operator]]
QUICK = {"lease_seconds": "10", "renew_seconds": "8", "retry_lease_seconds": "1"}


@pytest.fixture
def start(kubeconfig: Path, namespace: Namespace, tmp_path: Path) -> Start:
    """Starts replicas that work in the test's namespace alone, with a Lease of the test's own."""

    def begin(lease: str = "", **others: str) -> AbstractAsyncContextManager[Operator]:
        settings = {"watch_namespaces": namespace.name, "lease_name": f"{namespace.name}{lease}", **QUICK, **others}
        return operator(kubeconfig, tmp_path / "log", **settings)

    return begin


@pytest_asyncio.fixture(loop_scope="session")
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Ends the replicas of a test."""
    async with AsyncExitStack() as everything:
        yield everything


async def test_a_killed_leader_is_replaced_by_one_that_was_ready(
    start: Start, stack: AsyncExitStack, play: Play, namespace: Namespace
) -> None:
    first = await stack.enter_async_context(start())
    await first.wait_until_leading()
    second = await stack.enter_async_context(start())
    await second.wait_until_ready()
    assert "noria_leader_replicas 0.0" in (await second.page("/metrics"))[1]
    await first.kill()
    await namespace.create(dataset())
    await namespace.create(training_job())
    await second.wait_until_leading()
    await namespace.wait("TrainingJob", "pets", is_ready)


async def test_a_leader_that_is_told_to_stop_gives_the_lease_back_at_once(
    start: Start, stack: AsyncExitStack, play: Play, namespace: Namespace
) -> None:
    a_long_lease = {"lease_seconds": "60", "renew_seconds": "40"}
    first = await stack.enter_async_context(start(**a_long_lease))
    await first.wait_until_leading()
    second = await stack.enter_async_context(start(**a_long_lease))
    await second.wait_until_ready()
    begun = time.monotonic()
    assert await first.terminate() == 0
    await second.wait_until_leading(timeout=30)
    assert time.monotonic() - begun < 40, "the Lease was left for others to wait for"


async def test_a_life_with_a_kill_after_every_step_does_nothing_twice(
    start: Start, stack: AsyncExitStack, plane: ControlPlane, play: Play, namespace: Namespace
) -> None:
    orders: list[str] = []

    def end(order: object) -> Ending | None:
        orders.append(order.destination if isinstance(order, TrainOrder) else type(order).__name__)
        return succeed(order)

    play.by_namespace[namespace.name] = end
    await namespace.create(dataset())
    await namespace.create(training_job())
    for steps in (1, 2, 4, 8):
        replica = await stack.enter_async_context(start(f"-{steps}"))  # no wait for the dead one's Lease
        async with asyncio.timeout(60):
            while len(orders) < steps:
                await asyncio.sleep(0.02)
        await replica.kill()
    await stack.enter_async_context(start("-last"))
    await namespace.wait("TrainingJob", "pets", is_ready)
    assert len(orders) == len(set(orders)) == 8


async def test_rights_in_one_namespace_are_enough_to_work_there(
    plane: ControlPlane, play: Play, namespace: Namespace, tmp_path: Path
) -> None:
    home = f"system-{namespace.name}"
    kubeconfig = plane.install(home, f"watchNamespaces={{{namespace.name}}}", "crds.install=false")
    elsewhere = namespace.api.namespace("default")
    await elsewhere.create(dataset("elsewhere"))
    async with operator(kubeconfig, tmp_path / "log", namespace=home, watch_namespaces=namespace.name) as replica:
        await namespace.create(dataset())
        await namespace.create(training_job())
        await namespace.wait("TrainingJob", "pets", is_ready)
        assert await replica.terminate() == 0
    found = await elsewhere.get("Dataset", "elsewhere")
    assert found["status"] == {"observedGeneration": -1}
    await elsewhere.delete("Dataset", "elsewhere")


async def test_a_leader_outlives_a_short_silence_of_the_api_server_and_ends_in_a_long_one(
    start: Start, stack: AsyncExitStack, plane: ControlPlane, play: Play
) -> None:
    replica = await stack.enter_async_context(start())
    await replica.wait_until_leading()
    with plane.silence():
        await asyncio.sleep(1)  # shorter than renew_seconds: nothing may come of it
    await asyncio.sleep(1)
    assert replica.process.returncode is None
    with plane.silence():
        assert await asyncio.wait_for(replica.process.wait(), 60) == 1
