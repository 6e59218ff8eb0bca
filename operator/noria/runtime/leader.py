"""One replica works, the others stand by: leader election with a Lease, through the `kubernetes` client.

The client's election is wrapped where it falls short: a request that fails or hangs counts as a failed attempt (as
shipped, a connection error ends the election and leaves the old leader working), times are UTC, and the Lease is
released at the end.
`lead` returns when leadership is lost; `noria.__main__` then ends the process.
"""

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import aiohttp
import structlog
from kubernetes.aio.client import V1Lease, V1ObjectMeta
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.aio.leaderelection.resourcelock.leaselock import LeaseLock

from noria.runtime import metric
from noria.runtime.access import Access
from noria.runtime.resource_type import LEASE
from noria.runtime.settings import OperatorSettings

ACCESS = (Access(LEASE, ("get", "create", "update")),)
"""In the operator's own namespace."""

log = structlog.stdlib.get_logger("noria.leader")
T = TypeVar("T")


async def lead(settings: OperatorSettings, api: ApiClient, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Wait for the Lease, then run `work` until the Lease is lost or `work` ends; release the Lease."""
    os.environ["TZ"] = "UTC"  # the client writes local times with a Z behind them
    time.tzset()
    identity = f"{settings.identity}_{uuid.uuid4().hex[:8]}"
    lock = BoundedLock(settings, identity, api)
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


class BoundedLock(LeaseLock):
    """A Lease whose requests time out and whose errors count as failed attempts."""

    def __init__(self, settings: OperatorSettings, identity: str, api: ApiClient) -> None:
        super().__init__(settings.lease_name, settings.namespace, identity, api)
        self._seconds = settings.renew_seconds / 4  # room for three tries

    async def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """The record in the Lease, or why it could not be read."""
        return await self._try(super().get(name, namespace), lambda error: (False, error))

    async def create(self, name: str, namespace: str, election_record: LeaderElectionRecord) -> bool:
        """Create the Lease; whether that succeeded."""
        lease = V1Lease(metadata=V1ObjectMeta(name=name), spec=self.update_lease(election_record))

        async def create() -> bool:
            await self.api_instance.create_namespaced_lease(namespace, lease)  # LeaseLock's own has a bad argument
            return True

        return await self._try(create(), lambda _: False)

    async def update(self, name: str, namespace: str, updated_record: LeaderElectionRecord) -> bool:
        """Write the record into the Lease as it was read; whether that succeeded."""
        return await self._try(super().update(name, namespace, updated_record), lambda _: False)

    async def release(self) -> None:
        """Let another replica lead immediately, if this one leads."""
        held, record = await self.get(self.name, self.namespace)
        lease = self.lease_reference
        if not held or record is None or record.holder_identity != self.identity or lease is None or not lease.spec:
            return
        lease.spec.holder_identity = ""
        await self._try(
            self.api_instance.replace_namespaced_lease(name=self.name, namespace=self.namespace, body=lease),
            lambda error: log.warning("lease not released, it will expire", error=str(error.reason)),
        )

    async def _try(self, request: Awaitable[T], failed: Callable[[ApiException], T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await request
        except ApiException as error:
            return failed(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return failed(ApiException(status=0, reason=repr(error)))
