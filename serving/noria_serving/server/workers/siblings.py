"""What a worker asks of the others, so that any of them answers for all: status, reload, metrics.

Workers talk over Unix sockets in a folder of their supervisor's. One that has died is left out: another one takes its
place. What all of them serve is written in that folder: a reload or a polled configuration is first checked by every
worker, then written, then followed. Who starts later, or misses the call, follows what is written.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias, cast

import grpc
from tensorflow_serving.apis.get_model_status_pb2 import (
    GetModelStatusRequest,
    GetModelStatusResponse,
    ModelVersionStatus,
)
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from noria_serving.server.metrics import Metrics
from noria_serving.server.status import Code, ServingError, abandoned
from noria_serving.server.workers.supervisor import socket_of

SERVICE = "noria.Worker"
ANSWER_SECONDS = 5.0
LOOK_SECONDS = 0.1
"""Between questions whether models are ready."""
NOT_READY = b"not ready"
CONFIG = "models.config"
Call: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"


class Siblings:
    """The other workers of this server."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self.own_socket = folder, socket_of(folder, number)
        self._poller: int | None = None
        self._read: tuple[int, int] | None = None

    def status(self, request: GetModelStatusRequest, own: GetModelStatusResponse) -> GetModelStatusResponse:
        """Of each version the state of the worker that is least far, or that has failed to load it."""
        others = map(GetModelStatusResponse.FromString, self._ask("Status", request.SerializeToString()))
        seen = [{found.version: found for found in answer.model_version_status} for answer in (own, *others)]
        numbers = sorted(set().union(*seen), reverse=True)
        return GetModelStatusResponse(model_version_status=[_merged(number, seen) for number in numbers])

    def total(self, own: Metrics) -> Metrics:
        """The sum of everybody's metrics."""
        total = Metrics()
        for counts in (own.counts(), *map(json.loads, self._ask("Metrics", b""))):
            total.absorb(counts)
        return total

    def agree(self, config: ModelServerConfig, check: Callable[[], None], follow: Callable[[], None]) -> None:
        """Let every worker serve this, if all can. Raises ServingError where one cannot; then none does."""
        data = config.SerializeToString()
        with self.alone():
            check()
            with self._asked("Check", data, ANSWER_SECONDS) as calls:
                for call in calls:
                    _agreement(call)
            self._write(data)
            follow()
            with self._asked("Follow", data, ANSWER_SECONDS) as calls:
                for call in calls:
                    call.exception()  # who does not answer will follow what is written

    def wait_until_ready(self, config: ModelServerConfig, is_wanted: Callable[[], bool]) -> None:
        """Return when the models are ready in all other workers. Raises ServingError where one never will be."""
        while NOT_READY in self._ask("Follow", config.SerializeToString(), stuck=NOT_READY):
            if not is_wanted():
                raise abandoned()
            time.sleep(LOOK_SECONDS)

    @contextmanager
    def joined(self, config: ModelServerConfig) -> Iterator[None]:
        """No agreement is made meanwhile; this is what is agreed on if nothing is."""
        with self.alone():
            if not self._config.exists():
                self._write(config.SerializeToString())
            yield

    def _write(self, config: bytes) -> None:
        self._config.with_suffix(".new").write_bytes(config)
        self._config.with_suffix(".new").rename(self._config)

    @property
    def _config(self) -> Path:
        return self._folder / CONFIG

    def news(self) -> ModelServerConfig | None:
        """What all serve, if it was written since the last time that this was asked."""
        if not self._config.exists():
            return None
        with self._config.open("rb") as file:
            written = os.fstat(file.fileno())
            stamp = (written.st_ino, written.st_mtime_ns)
            if stamp == self._read:
                return None
            self._read = stamp
            return ModelServerConfig.FromString(file.read())

    def is_poller(self) -> bool:
        """Whether this worker reads the configuration file for all: the first that asks, for as long as it lives."""
        if self._poller is None:
            file = os.open(self._folder / "poller", os.O_CREAT | os.O_WRONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            self._poller = file
        return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One reload at a time, over all workers."""
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ask(self, method: str, request: bytes, *, stuck: bytes | None = None) -> list[bytes]:
        """The answers of those that live, `stuck` of those that are late. Raises ServingError for a refusal."""
        with self._asked(method, request, ANSWER_SECONDS) as calls:
            return [answer for call in calls if (answer := _answer(call, stuck)) is not None]

    @contextmanager
    def _asked(self, method: str, request: bytes, timeout: float | None) -> "Iterator[list[grpc.Future[bytes]]]":
        """Calls to all others at once."""
        with ExitStack() as channels:
            sockets = [path for path in self._folder.glob("*.sock") if path != self.own_socket]
            opened = [channels.enter_context(grpc.insecure_channel(f"unix:{path}")) for path in sockets]
            name = f"/{SERVICE}/{method}"
            calls = [cast("Call", channel.unary_unary(name)) for channel in opened]  # raw bytes: no serializers
            yield [call.future(request, timeout=timeout) for call in calls]


def _merged(number: int, seen: list[dict[int, ModelVersionStatus]]) -> ModelVersionStatus:
    """The state of a version over all workers. One that has not heard of it will begin, if it is not over elsewhere."""
    found = [versions[number] for versions in seen if number in versions]
    worst = min(found, key=lambda status: (not status.status.error_code, status.state))
    if len(found) < len(seen) and worst.state <= ModelVersionStatus.AVAILABLE:
        return ModelVersionStatus(version=number, state=ModelVersionStatus.START)
    return worst


def _answer(call: "grpc.Future[bytes]", stuck: bytes | None) -> bytes | None:
    """What a worker says, `stuck` where it does not in time, none where it has died."""
    try:
        return bytes(call.result())
    except grpc.RpcError as error:
        refusal = _refusal(error)
        if refusal.code is Code.DEADLINE_EXCEEDED:
            return stuck
        if refusal.code in (Code.UNAVAILABLE, Code.CANCELLED):
            return None
        raise refusal from None


def _agreement(call: "grpc.Future[bytes]") -> None:
    """Return if the worker agrees, or has died. Raises ServingError where it refuses, or is stuck."""
    try:
        call.result()
    except grpc.RpcError as error:
        refusal = _refusal(error)
        if refusal.code is Code.DEADLINE_EXCEEDED:
            text = f"A process of this server did not answer within {ANSWER_SECONDS:g} s. Nothing was changed"
            raise ServingError(Code.UNAVAILABLE, text) from None
        if refusal.code is not Code.UNAVAILABLE:
            raise refusal from None


def _refusal(error: grpc.RpcError) -> ServingError:
    code = Code(error.code().value[0])
    return ServingError(code, error.details() or code.name)
