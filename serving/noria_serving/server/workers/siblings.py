"""What a worker asks of the others, so that any of them answers for all: status, reload, metrics.

Workers talk over Unix sockets in a folder of their supervisor's. One that does not answer is left out: it has died, and
another one takes its place. What a reload has set lies in that folder too, for those that start later.
"""

import fcntl
import json
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
from noria_serving.server.status import Code, ServingError
from noria_serving.server.workers.supervisor import socket_of

SERVICE = "noria.Worker"
ANSWER_SECONDS = 5.0
CONFIG = "models.config"
Call: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"


class Siblings:
    """The other workers of this server."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self.own_socket = folder, socket_of(folder, number)

    def status(self, request: GetModelStatusRequest, own: GetModelStatusResponse) -> GetModelStatusResponse:
        """Of each version the state of the worker that is least far, or that has failed to load it."""
        others = map(GetModelStatusResponse.FromString, self._ask("Status", request.SerializeToString()))
        seen = [{found.version: found for found in answer.model_version_status} for answer in (own, *others)]
        numbers = sorted(set().union(*seen), reverse=True)
        return GetModelStatusResponse(model_version_status=[_merged(number, seen) for number in numbers])

    def metrics_page(self, own: Metrics) -> str:
        """The sum of everybody's metrics in Prometheus text."""
        total = Metrics()
        for counts in (own.counts(), *map(json.loads, self._ask("Metrics", b""))):
            total.absorb(counts)
        return total.page()

    def reload(
        self, config: ModelServerConfig, configure: Callable[[], list[str]], wait: Callable[[list[str]], None]
    ) -> None:
        """Apply a configuration everywhere and wait, unless it cannot be applied here. Raises ServingError."""
        with self._alone():
            new = configure()
            self._config.with_suffix(".new").write_bytes(config.SerializeToString())
            self._config.with_suffix(".new").rename(self._config)
            with self._asked("Reload", config.SerializeToString(), None) as calls:
                try:
                    wait(new)
                finally:
                    _answers(calls)

    @property
    def _config(self) -> Path:
        return self._folder / CONFIG

    def reloaded(self) -> ModelServerConfig | None:
        """What was set by the last reload, if there was one."""
        return ModelServerConfig.FromString(self._config.read_bytes()) if self._config.exists() else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One reload at a time, over all workers."""
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ask(self, method: str, request: bytes) -> list[bytes]:
        with self._asked(method, request, ANSWER_SECONDS) as calls:
            return _answers(calls)

    @contextmanager
    def _asked(self, method: str, request: bytes, timeout: float | None) -> "Iterator[list[grpc.Future[bytes]]]":
        """Calls to all others at once."""
        with ExitStack() as channels:
            sockets = [path for path in self._folder.glob("*.sock") if path != self.own_socket]
            opened = [channels.enter_context(grpc.insecure_channel(f"unix:{path}")) for path in sockets]
            name = f"/{SERVICE}/{method}"
            calls = [cast("Call", channel.unary_unary(name)) for channel in opened]  # raw bytes: no serializers
            yield [call.future(request, timeout=timeout) for call in calls]


def _answers(calls: "list[grpc.Future[bytes]]") -> list[bytes]:
    """The answers of those that give one. Raises ServingError for a refusal."""
    return [answer for call in calls if (answer := _answer(call)) is not None]


def _merged(number: int, seen: list[dict[int, ModelVersionStatus]]) -> ModelVersionStatus:
    """The state of a version over all workers. One that has not heard of it will begin, if it is not over elsewhere."""
    found = [versions[number] for versions in seen if number in versions]
    worst = min(found, key=lambda status: (not status.status.error_code, status.state))
    if len(found) < len(seen) and worst.state <= ModelVersionStatus.AVAILABLE:
        return ModelVersionStatus(version=number, state=ModelVersionStatus.START)
    return worst


def _answer(call: "grpc.Future[bytes]") -> bytes | None:
    try:
        return bytes(call.result())
    except grpc.RpcError as error:
        code = Code(error.code().value[0])
        if code in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED):
            return None
        raise ServingError(code, error.details() or code.name) from None
