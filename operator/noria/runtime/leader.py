"""One replica works, the others stand by: leader election with a Lease, through the `kubernetes` client.

The client's election works on a lock of ours: a request that fails or hangs counts as a failed attempt (with the
client's own, a connection error ends the election and leaves the old leader working, and a Lease with an odd date ends
it on every replica), times are UTC, and the Lease is released at the end.
`lead` returns when leadership is lost; `noria.__main__` then ends the process.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.aio.leaderelection.resourcelock.baselock import BaseLock

from noria.runtime import metric
from noria.runtime.access import Access
from noria.runtime.client import Body, Client
from noria.runtime.error import Refused, Unavailable
from noria.runtime.resource_type import LEASE
from noria.runtime.settings import OperatorSettings

ACCESS = (Access(LEASE, ("get", "create", "update")),)
"""In the operator's own namespace."""

log = structlog.stdlib.get_logger("noria.leader")


async def lead(settings: OperatorSettings, api: ApiClient, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Wait for the Lease, then run `work` until the Lease is lost or `work` ends; release the Lease."""
    identity = f"{settings.identity}_{uuid.uuid4().hex[:8]}"
    lock = Lock(settings, identity, api)
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def on_started() -> None:
        started.set_result(None)

    async def on_stopped() -> None:
        log.error("lease lost", identity=identity)

    election = Config(
        lock, settings.lease_seconds, settings.renew_seconds, settings.retry_lease_seconds, on_started, on_stopped
    )
    holding = asyncio.ensure_future(LeaderElection(election).run())
    try:
        await asyncio.wait({holding, started}, return_when=asyncio.FIRST_COMPLETED)
        if holding.done():
            holding.result()
            return
        metric.LEADER.set(1)
        log.info("leading", identity=identity, lease=f"{settings.namespace}/{settings.lease_name}")
        await until_first(holding, work())
    finally:
        metric.LEADER.set(0)
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await lock.release()


async def until_first(*works: Coroutine[Any, Any, None] | asyncio.Future[None]) -> None:
    """Wait until one of these ends, end the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


class Lock(BaseLock):
    """A Lease. Requests time out, and whatever they end with counts as a failed attempt.

    Its fields are never parsed, so that it does not matter what somebody wrote into them.
    """

    def __init__(self, settings: OperatorSettings, identity: str, api: ApiClient) -> None:
        super().__init__(settings.lease_name, settings.namespace, identity)
        self._client = Client(api, request_seconds=settings.renew_seconds / 4)  # room for three tries
        self._duration = settings.lease_seconds
        self._seen: Body = {}
        """The Lease as it was read last."""
        self._acquired = ""
        """When this replica got it."""

    async def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """The record in the Lease, none if nobody holds it, or why it could not be read."""
        try:
            lease = await self._client.get(LEASE, namespace, name)
        except (Refused, Unavailable) as error:
            return False, ApiException(status=0, reason=str(error))
        if lease is None:
            return False, ApiException(status=404, reason="Not Found", body=json.dumps({"code": 404}))
        self._seen = lease
        spec = lease.get("spec") or {}
        if not spec.get("holderIdentity"):
            return True, None
        times = (str(spec.get(key, "")) for key in ("acquireTime", "renewTime"))
        return True, LeaderElectionRecord(spec["holderIdentity"], str(spec.get("leaseDurationSeconds", "")), *times)

    async def create(self, name: str, namespace: str, election_record: LeaderElectionRecord) -> bool:
        """Create the Lease; whether that succeeded."""
        body = _lease({"name": name}, self._held())
        return await self._succeeds(self._client.create(LEASE, namespace, body))

    async def update(self, name: str, namespace: str, updated_record: LeaderElectionRecord) -> bool:
        """Write the record into the Lease as it was read; whether that succeeded."""
        return await self._write(self._held())

    async def release(self) -> None:
        """Let another replica lead immediately, if this one leads."""
        held, record = await self.get(self.name, self.namespace)
        if held and record is not None and record.holder_identity == self.identity:
            await self._write({**self._held(), "holderIdentity": ""})

    async def _write(self, fields: Body) -> bool:
        metadata = {key: value for key, value in self._seen["metadata"].items() if key != "managedFields"}
        body = _lease(metadata, {**(self._seen.get("spec") or {}), **fields})
        return await self._succeeds(self._client.replace(LEASE, self.namespace, self.name, body))

    async def _succeeds(self, write: Awaitable[Body]) -> bool:
        try:
            await write
        except (Refused, Unavailable) as error:
            log.warning("lease not written", error=str(error))
            return False
        return True

    def _held(self) -> Body:
        """The fields of a Lease that this replica holds. Those of the election's record have local times."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if (self._seen.get("spec") or {}).get("holderIdentity") != self.identity:
            self._acquired = now
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": self._duration,
            "acquireTime": self._acquired,
            "renewTime": now,
        }


def _lease(metadata: Body, spec: Body) -> Body:
    return {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": metadata, "spec": spec}
