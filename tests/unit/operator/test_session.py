"""Lists and watches as kopf reads them, from a server whose bodies and events are not what it expects."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import kopf
import pytest
from aiohttp import ClientResponse, test_utils, web
from kopf._cogs.clients.api import iter_jsonlines

from noria.runtime.session import login, session

DEEP = '{"a":' * 3000 + "1" + "}" * 3000
LINES: list[bytes] = []
Server = Callable[[str], AbstractAsyncContextManager[ClientResponse]]


@pytest.fixture
async def client() -> AsyncIterator[Server]:
    """kopf's session, and a server that answers a watch with `LINES`."""

    async def watch(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        data = b"\n".join(LINES)
        for start in range(0, len(data), 1000):
            await answer.write(data[start : start + 1000])
        return answer

    async def listed(_: web.Request) -> web.Response:
        item = f'{{"metadata": {{"name": "deep"}}, "spec": {DEEP}}}'
        return web.Response(text=f'{{"items": [{item}]}}', content_type="application/json")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(text="<html>bad gateway</html>", status=502)

    app = web.Application()
    app.add_routes([web.get("/watch", watch), web.get("/list", listed), web.get("/broken", broken)])
    async with test_utils.TestServer(app) as server:
        made = session(kopf.ConnectionInfo(server=str(server.make_url("/")), token="t"))
        async with made.aiohttp_session as opened:
            yield lambda path: opened.get(server.make_url(path))


async def events(client: Server, *lines: str) -> list[Any]:
    """The events of a watch, read as kopf reads them."""
    LINES[:] = [line.encode() for line in lines]
    async with client("/watch?watch=true") as answer:
        return [json.loads(line.decode()) async for line in iter_jsonlines(answer.content)]


def added(name: str, spec: str = "{}") -> str:
    """The event of an object."""
    return f'{{"type": "ADDED", "object": {{"metadata": {{"name": "{name}"}}, "spec": {spec}}}}}'


async def test_a_deep_object_does_not_hold_up_the_others(client: Server) -> None:
    found = await events(client, added("a"), added("deep", DEEP), added("b", f'"{"x" * 300_000}"'))
    assert [event["object"]["metadata"]["name"] for event in found] == ["a", "deep", "b"]
    assert len(found[2]["object"]["spec"]) == 300_000


@pytest.mark.parametrize("line", ["<html>", "[]", "7", "{}", '{"type": "ADDED"', '{"type": "ERROR", "object": null}'])
async def test_what_is_no_event_is_passed_over(client: Server, line: str) -> None:
    found = await events(client, added("a"), line, "", added("b"))
    assert [event["object"]["metadata"]["name"] for event in found] == ["a", "b"]


@pytest.mark.parametrize("code", [410, 500, 504])
async def test_a_fault_of_the_stream_makes_kopf_list_again(client: Server, code: int) -> None:
    (found,) = await events(client, f'{{"type": "ERROR", "object": {{"code": {code}, "message": "decoding failed"}}}}')
    assert (found["type"], found["object"]["code"]) == ("ERROR", 410)


async def test_credentials_that_were_refused_are_not_tried_again() -> None:
    tokens = iter(("old", "old", "new", "new"))
    log_in = login(lambda **_: kopf.ConnectionInfo(server="https://api", token=next(tokens)))
    found = [await log_in() for _ in range(4)]
    assert [one is not None for one in found] == [True, False, True, False]
    for one in filter(None, found):
        await one.aiohttp_session.close()


async def test_a_deep_object_does_not_hold_up_a_list(client: Server) -> None:
    async with client("/list") as answer:
        (item,) = (await answer.json())["items"]
    assert item["metadata"]["name"] == "deep"


async def test_an_answer_that_is_no_json_is_told_apart(client: Server) -> None:
    async with client("/broken") as answer:
        with pytest.raises(json.JSONDecodeError):
            await answer.json()
        assert await answer.text() == "<html>bad gateway</html>"
