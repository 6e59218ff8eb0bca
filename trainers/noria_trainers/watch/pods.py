"""The pods that serve a model: which version each serves, and its counters. Read over HTTP, all at the same time."""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
import urllib3
from pydantic import BaseModel

from noria.contract import WatchOrder
from noria_trainers.watch.tally import Tally, read_tally

MOST_BYTES = 8 << 20
"""Of one answer: servers may be images of a user's own."""
_TIMEOUT = urllib3.Timeout(5.0)
_AT_ONCE = 16
_NONE_THERE = (socket.EAI_NONAME, socket.EAI_NODATA)
log = structlog.stdlib.get_logger(__name__)


class _VersionStatus(BaseModel):
    version: int
    state: str


class _Status(BaseModel):
    """A server's answer about a model."""

    model_version_status: tuple[_VersionStatus, ...]


@dataclass(frozen=True)
class Pod:
    """What a pod answered."""

    version: int
    tally: Tally


@dataclass(frozen=True)
class Reading:
    """What there was to read at one time."""

    pods: Mapping[str, Pod]
    """By address; pods that did not answer are left out."""
    is_certain: bool = True
    """Whether there are no other pods: not where some did not answer, or the name could not be looked up."""

    def of(self, version: int) -> list[Tally]:
        """The counters of the pods of a version."""
        return [pod.tally for pod in self.pods.values() if pod.version == version]


def read_pods(order: WatchOrder) -> Reading:
    """Every pod that is ready, as the cluster's DNS knows them."""
    try:
        found = socket.getaddrinfo(order.host, order.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return Reading({}, is_certain=error.errno in _NONE_THERE)
    addresses = sorted({str(each[4][0]) for each in found})
    with urllib3.PoolManager(timeout=_TIMEOUT, retries=False) as pools, ThreadPoolExecutor(_AT_ONCE) as tasks:
        pods = tasks.map(lambda address: _read(address, order, pools), addresses)
        known = {address: pod for address, pod in zip(addresses, pods, strict=True) if pod}
    return Reading(known, is_certain=len(known) == len(addresses))


def _read(address: str, order: WatchOrder, pools: urllib3.PoolManager) -> Pod | None:
    """What the pod at this address answers; none if it does not, or with something else."""
    host = f"[{address}]" if ":" in address else address
    root = f"http://{host}:{order.port}"
    try:
        status = _Status.model_validate_json(_get(pools, f"{root}/v1/models/{order.model}"))
        version = max(each.version for each in status.model_version_status if each.state == "AVAILABLE")
        return Pod(version, read_tally(_get(pools, root + order.metrics_path), order.model))
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        log.info("a pod was not read", address=address, error=str(error))
        return None


def _get(pools: urllib3.PoolManager, url: str) -> str:
    """The text of an answer of moderate size. Raises ValueError for another."""
    answer = pools.request("GET", url, redirect=False, preload_content=False)
    try:
        data = answer.read(MOST_BYTES + 1)
    finally:
        answer.release_conn()
    if answer.status != 200 or len(data) > MOST_BYTES:
        raise ValueError(f"{url} answered with HTTP {answer.status} and {len(data)} bytes")
    return data.decode("utf-8", "replace")
