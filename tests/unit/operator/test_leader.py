"""Leadership through a Lease, whatever somebody has written into it, from a server that does not always answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from aiohttp import test_utils, web
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration

from noria.runtime.leader import lead
from noria.runtime.settings import OperatorSettings

Lease = dict[str, Any]
DEEP = '{"a":' * 3000 + "{}" + "}" * 3000
OTHER = {"holderIdentity": "other", "leaseDurationSeconds": 15, "leaseTransitions": 2}
TIMES = {"acquireTime": "2024-01-01T00:00:00.000000Z", "renewTime": "2024-01-01T00:00:00.000000Z"}
LEASES: dict[str, str] = {
    "held": json.dumps({"spec": {**OTHER, **TIMES}}),
    "year-10000": json.dumps({"spec": {**OTHER, **TIMES, "renewTime": "10000-01-01T13:59:59.000000Z"}}),
    "year-0": json.dumps({"spec": {**OTHER, **TIMES, "acquireTime": "0000-01-01T00:00:00.000000Z"}}),
    "no-times": json.dumps({"spec": OTHER}),
    "no-holder": json.dumps({"spec": TIMES}),
    "no-spec": json.dumps({"spec": {}}),
    "no-spec-at-all": "{}",
    "deep": f'{{"metadata": {{"managedFields": [{{"fieldsV1": {DEEP}}}]}}, "spec": {json.dumps({**OTHER, **TIMES})}}}',
}
"""As the API server has them: it takes dates of other years, and puts no bound on what nests in managedFields."""


class Server:
    """Leases by name, with the API server's checks of what is written."""

    def __init__(self) -> None:
        self.texts = dict(LEASES)
        self.faults: list[Callable[[], web.Response]] = []

    async def get(self, request: web.Request) -> web.Response:
        if self.faults:
            return self.faults.pop(0)()
        if (text := self.texts.get(request.match_info["name"])) is None:
            return web.json_response({"kind": "Status", "code": 404, "message": "not found"}, status=404)
        start = f'{{"metadata": {{"name": "{request.match_info["name"]}", "resourceVersion": "7"'
        rest = text.replace('{"metadata": {', ", ") if "managedFields" in text else f"}}, {text[1:]}"
        return web.Response(text=(start + rest).replace("}, }", "}}"), content_type="application/json")

    async def create(self, request: web.Request) -> web.Response:
        return self.checked(await request.json(), 201)

    async def replace(self, request: web.Request) -> web.Response:
        return self.checked(await request.json(), 200, version="7")

    def checked(self, body: Lease, status: int, version: str | None = None) -> web.Response:
        spec, name = body["spec"], body["metadata"]["name"]
        for key in TIMES:
            datetime.strptime(spec[key], "%Y-%m-%dT%H:%M:%S.%f%z")
        if body["metadata"].get("resourceVersion") != version or spec["leaseDurationSeconds"] < 1:
            return web.json_response({"code": 409, "message": "conflict"}, status=409)
        self.texts[name] = json.dumps({"spec": spec})
        return web.json_response(body, status=status)

    def spec(self, name: str) -> Lease:
        spec: Lease = json.loads(self.texts[name])["spec"]
        return spec


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, ApiClient]]:
    found = Server()
    path = "/apis/coordination.k8s.io/v1/namespaces/noria/leases"
    app = web.Application()
    one = f"{path}/{{name}}"
    app.add_routes([web.get(one, found.get), web.put(one, found.replace), web.post(path, found.create)])
    async with test_utils.TestServer(app) as running:
        api = ApiClient(Configuration(host=str(running.make_url("/")).rstrip("/")))
        yield found, api
        await api.close()


@asynccontextmanager
async def leading(api: ApiClient, lease: str) -> AsyncIterator[None]:
    """While a replica leads."""
    settings = OperatorSettings(
        namespace="noria", lease_name=lease, identity="me", lease_seconds=5, renew_seconds=4, retry_lease_seconds=1
    )
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    replica = asyncio.create_task(lead(settings, api, work))
    waiting = asyncio.create_task(begun.wait())
    try:
        await asyncio.wait({replica, waiting}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert not replica.done(), replica.exception()
        assert waiting.done()
        yield
    finally:
        waiting.cancel()
        replica.cancel()
        await asyncio.wait({replica})


async def test_a_replica_takes_any_lease_that_nobody_renews_and_gives_it_back(server: tuple[Server, ApiClient]) -> None:
    held, api = server

    async def lead_once(name: str) -> None:
        async with leading(api, name):
            assert held.spec(name)["holderIdentity"].startswith("me_")
            first = held.spec(name)["renewTime"]
            while held.spec(name)["renewTime"] == first:
                await asyncio.sleep(0.05)
            assert held.spec(name)["acquireTime"] <= first
        assert held.spec(name)["holderIdentity"] == ""

    names = [*LEASES, "absent"]
    await asyncio.gather(*map(lead_once, names))
    assert held.spec("held")["leaseTransitions"] == 2


async def test_what_is_no_answer_is_a_failed_attempt(server: tuple[Server, ApiClient]) -> None:
    held, api = server
    held.faults = [
        lambda: web.Response(text="<html>bad gateway</html>", status=502),
        lambda: web.Response(text="[1]", content_type="application/json"),
        lambda: web.Response(text='{"cut": ', content_type="application/json"),
        lambda: web.json_response({"code": 403, "message": "no"}, status=403),
    ]
    async with leading(api, "absent"):
        assert held.faults == []


async def test_a_lease_that_another_replica_renews_is_not_taken(server: tuple[Server, ApiClient]) -> None:
    held, api = server
    renewals = 0

    def renew() -> web.Response:
        nonlocal renewals
        renewals += 1
        spec = {**OTHER, **TIMES, "renewTime": f"2024-01-01T00:00:{renewals:02}.000000Z"}
        return web.json_response({"metadata": {"name": "held", "resourceVersion": "7"}, "spec": spec})

    held.faults = [renew] * 8
    async with leading(api, "held"):
        assert renewals == 8
