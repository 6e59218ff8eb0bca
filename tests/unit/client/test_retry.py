"""What is asked again, after how long, and what is not."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from noria_client import (
    AccessError,
    AsyncModel,
    ClientError,
    NotFoundError,
    RefusedError,
    TimedOutError,
    UnavailableError,
)
from noria_client.retry import Retries, TransientError, retry_after
from unit.client.played import NUMBERS, Played

BUSY = httpx.Response(503, json={"error": "queue is full"})


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses, none of which is waited for."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(BUSY, id="503"),
        pytest.param(httpx.Response(429), id="429"),
        pytest.param(httpx.Response(502, text="<html>bad gateway"), id="502, not of the server"),
        pytest.param(httpx.Response(408), id="408"),
        pytest.param(httpx.ConnectError("refused"), id="nobody listens"),
        pytest.param(httpx.ConnectTimeout("slow"), id="no connection in time"),
        pytest.param(httpx.ReadError("reset"), id="reset"),
        pytest.param(httpx.RemoteProtocolError("Server disconnected"), id="closed"),
    ],
)
def test_what_may_pass_is_asked_again(waits: list[float], failure: Any) -> None:
    server = Played(NUMBERS, [failure, failure])
    assert server.model().predict([1.0]).tolist() == [1.0]
    assert len(server.asked) == 3
    assert 0 <= waits[0] <= 0.2
    assert 0 <= waits[1] <= 0.4
    with pytest.raises(UnavailableError):
        Played(NUMBERS, [failure] * 3).model(retries=2).predict([1.0])
    assert len(waits) == 4


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        pytest.param(httpx.Response(400, json={"error": "bad shape"}), RefusedError, "400 bad shape", id="400"),
        pytest.param(httpx.Response(401), AccessError, "give token=", id="401"),
        pytest.param(httpx.Response(403), AccessError, "give token=", id="403"),
        pytest.param(httpx.Response(404, json={"error": "Servable not found"}), NotFoundError, "and version", id="404"),
        pytest.param(httpx.Response(413), RefusedError, "smaller batch_bytes", id="413"),
        pytest.param(httpx.Response(500, json={"error": "broken"}), RefusedError, "500 broken", id="500"),
        pytest.param(httpx.Response(504), TimedOutError, "larger timeout", id="504"),
        pytest.param(httpx.ReadTimeout("slow"), TimedOutError, "no answer within 30 s", id="no answer in time"),
        pytest.param(
            httpx.Response(301, headers={"location": "https://a.example/"}),
            RefusedError,
            "redirects to https://a.example/",
            id="301",
        ),
        pytest.param(httpx.Response(200, text="<html>hello"), ClientError, "REST port", id="a page"),
        pytest.param(httpx.Response(200, json={"outputs": []}), ClientError, "not one to predict", id="other JSON"),
        pytest.param(httpx.Response(200, json={"predictions": [1, 2]}), ClientError, "by run", id="too many answers"),
    ],
)
def test_what_would_fail_again_is_not(waits: list[float], failure: Any, error: Any, words: str) -> None:
    server = Played(NUMBERS, [failure])
    with pytest.raises(error, match=words):
        server.model().predict([1.0])
    assert (len(server.asked), waits) == (1, [])


def test_a_server_says_when_to_come_back(waits: list[float]) -> None:
    later = httpx.Response(503, headers={"retry-after": "7"})
    Played(NUMBERS, [later]).model().predict([1.0])
    assert 7 <= waits[0] <= 7.2
    too_late = httpx.Response(503, headers={"retry-after": "3600"})
    with pytest.raises(UnavailableError):
        Played(NUMBERS, [too_late]).model().predict([1.0])
    assert len(waits) == 1


def test_dates_are_times_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(time, "time", now.timestamp)
    then = format_datetime(now + timedelta(seconds=30), usegmt=True)
    assert retry_after({"retry-after": then}) == 30
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert [retry_after(each) for each in ({}, {"retry-after": "soon"}, {"retry-after": "-1"})] == [None] * 3


def test_pauses_double_up_to_the_longest() -> None:
    failure = TransientError(UnavailableError("gone"))
    pauses = [Retries(9, chance=lambda: 1.0).pause(n, failure) for n in range(1, 9)]
    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])


def test_an_async_model_waits_without_blocking(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Played(NUMBERS, [BUSY])
    waits: list[Any] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def ask() -> Any:
        async with AsyncModel("http://flowers.shop:8501", transport=httpx.MockTransport(server)) as model:
            return await model.predict([1.0])

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert asyncio.run(ask()).tolist() == [1.0]
    assert (len(server.asked), len(waits)) == (2, 1)


def test_a_refusal_makes_the_model_look_again() -> None:
    server = Played(NUMBERS, [httpx.Response(400, json={"error": "no such input"})])
    model = server.model()
    with pytest.raises(RefusedError):
        model.predict([1.0])
    server.signatures = {"serving_default": {**NUMBERS["serving_default"], "outputs": {}}}
    assert model.metadata().signatures["serving_default"].outputs == ()
