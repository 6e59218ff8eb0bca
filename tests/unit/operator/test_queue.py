"""The work queue: each key once, one worker per key, backoff per key."""

import asyncio

from noria.runtime.queue import WorkQueue


def queue(retry_seconds: float = 0.01, retry_seconds_max: float = 1.0) -> WorkQueue[str]:
    return WorkQueue(retry_seconds=retry_seconds, retry_seconds_max=retry_seconds_max)


async def test_a_key_added_twice_is_worked_on_once() -> None:
    q = queue()
    for key in ("a", "b", "a"):
        q.add(key)
    assert [await q.get(), await q.get()] == ["a", "b"]
    assert len(q) == 0


async def test_a_key_added_during_its_pass_waits_until_the_pass_is_done() -> None:
    q = queue()
    q.add("a")
    key = await q.get()
    q.add("a")
    assert len(q) == 0
    q.done(key)
    assert await q.get() == "a"


async def test_two_workers_never_have_the_same_key() -> None:
    q = queue()
    at_work: set[str] = set()
    passes = 0

    async def worker() -> None:
        nonlocal passes
        while True:
            key = await q.get()
            assert key not in at_work
            at_work.add(key)
            await asyncio.sleep(0)
            at_work.remove(key)
            passes += 1
            q.done(key)

    workers = [asyncio.create_task(worker()) for _ in range(4)]
    for i in range(1000):
        q.add(f"key-{i % 7}")
        if i % 13 == 0:
            await asyncio.sleep(0)
    while len(q) or at_work:
        await asyncio.sleep(0)
    for task in workers:
        task.cancel()
    results = await asyncio.gather(*workers, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert passes >= 7


async def test_the_earlier_of_two_planned_passes_counts() -> None:
    q = queue()
    start = asyncio.get_running_loop().time()
    q.add_after("a", 1000)
    q.add_after("a", 0.01)
    q.add_after("a", 1000)
    assert await q.get() == "a"
    assert asyncio.get_running_loop().time() - start < 500
    q.done("a")
    assert len(q) == 0


async def test_a_pass_at_once_replaces_a_planned_one() -> None:
    q = queue()
    q.add_after("a", 0.02)
    q.add("a")
    assert await q.get() == "a"
    q.done("a")
    await asyncio.sleep(0.05)
    assert len(q) == 0


async def test_waits_double_with_failures_in_a_row_up_to_the_longest() -> None:
    q = queue(retry_seconds=1, retry_seconds_max=5)
    assert [q.retry("a") for _ in range(5)] == [1, 2, 4, 5, 5]
    assert q.retry("b") == 1
    q.succeeded("a")
    assert q.retry("a") == 1


async def test_waits_and_passes_are_measured() -> None:
    q = queue()
    assert q.longest_wait() == q.longest_reconcile() == 0
    q.add("a")
    await asyncio.sleep(0.01)
    assert q.longest_wait() >= 0.01
    key = await q.get()
    await asyncio.sleep(0.01)
    assert q.longest_wait() == 0
    assert q.longest_reconcile() >= 0.01
    q.done(key)
    assert q.longest_reconcile() == 0
