"""Large inputs go in several requests."""

import asyncio
import threading
from typing import Any

import httpx
import numpy as np
import pytest

from noria_client import AsyncModel, InputError, RefusedError
from unit.client.played import NUMBERS, ROWS, TEXTS, Played


def test_requests_are_bounded_by_rows_and_order_is_kept() -> None:
    server = Played(NUMBERS)
    seen: list[Any] = []
    values = np.arange(10.0)
    assert (
        server.model(batch_rows=4).predict(values, progress=lambda *each: seen.append(each)).tolist() == values.tolist()
    )
    assert [len(each) for each in server.sent] == [4, 4, 2]
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_requests_are_bounded_by_bytes_and_a_larger_example_goes_alone() -> None:
    server = Played(TEXTS)
    texts = ["a" * 40, "b" * 40, "c" * 300, "d" * 40]
    assert server.model(batch_bytes=100).predict(texts).tolist() == ["length"] * 4
    assert server.sent == [texts[:2], texts[2:3], texts[3:]]
    assert all(len(request.content) < 200 for request in server.asked if b"c" * 300 not in request.content)


def test_nothing_is_asked_about_no_examples() -> None:
    server = Played(TEXTS)
    assert server.model().predict([]).tolist() == []
    assert server.model().predict_proba([]).shape == (0, 0)
    assert list(server.model().stream(iter([]))) == []
    assert server.asked == []


def test_a_failure_names_the_examples() -> None:
    server = Played(
        NUMBERS, [httpx.Response(200, json={"predictions": [0, 1]}), httpx.Response(400, json={"error": "no"})]
    )
    with pytest.raises(RefusedError, match=r"examples 2 to 3, counted from 0") as caught:
        server.model(batch_rows=2).predict([0.0, 1.0, 2.0, 3.0, 4.0])
    assert caught.value.examples == range(2, 4)
    assert len(server.asked) == 2


def test_an_example_that_cannot_be_sent_is_named_and_nothing_after_it_is_read() -> None:
    server = Played(ROWS)
    read: list[Any] = []

    def rows() -> Any:
        for place in range(10):
            read.append(place)
            yield {"a": object() if place == 3 else place}

    with pytest.raises(InputError, match=r"column 'a': a cell is a text or a number, not object") as caught:
        server.model(batch_rows=2).predict(rows())
    assert (caught.value.examples, read, len(server.asked)) == (range(3, 4), [0, 1, 2, 3], 1)


def test_several_requests_go_at_the_same_time() -> None:
    together, server = threading.Barrier(3, timeout=120), Played(NUMBERS)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            together.wait()
        return server(request)

    model = server.model(batch_rows=1, parallel=3, transport=httpx.MockTransport(handle))
    assert model.predict([3.0, 1.0, 2.0]).tolist() == [3.0, 1.0, 2.0]


def test_a_stream_reads_no_further_than_it_asks() -> None:
    server = Played(NUMBERS)
    read: list[Any] = []

    def values() -> Any:
        for place in range(100):
            read.append(place)
            yield float(place)

    stream = server.model(batch_rows=2, parallel=2).stream(values())
    assert next(stream).value == 0.0
    assert len(read) <= 6
    stream.close()


def test_async_requests_go_at_the_same_time_and_end_with_a_failure() -> None:
    server, running, most = Played(NUMBERS), 0, 0

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += request.method == "POST"
        most = max(most, running)
        await asyncio.sleep(0)
        running -= request.method == "POST"
        return server(request)

    async def ask(*values: float) -> Any:
        options: Any = {"transport": httpx.MockTransport(handle), "batch_rows": 1, "parallel": 3}
        async with AsyncModel("http://flowers.shop:8501", **options) as model:
            return await model.predict(list(values))

    assert asyncio.run(ask(*range(1, 10))).tolist() == list(range(1, 10))
    assert most == 3
    server.fails = [httpx.Response(400, json={"error": "no"})]
    with pytest.raises(RefusedError):
        asyncio.run(ask(1, 2, 3, 4, 5))
