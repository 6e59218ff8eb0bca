"""The gRPC listener: methods, error texts, metrics, drain. Started by `run`."""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import grpc
import structlog
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_health.v1.health import HealthServicer
from tensorflow_serving.apis.classification_pb2 import ClassificationRequest
from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataRequest
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest
from tensorflow_serving.apis.inference_pb2 import MultiInferenceRequest
from tensorflow_serving.apis.model_management_pb2 import ReloadConfigRequest
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.regression_pb2 import RegressionRequest
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from noria_serving.server.config import from_proto
from noria_serving.server.core import Core
from noria_serving.server.rpc.aside import health_service, reflection_services
from noria_serving.server.rpc.model import ModelService
from noria_serving.server.rpc.prediction import Prediction
from noria_serving.server.rpc.profiler import MonitorRequest, Profiler, ProfileRequest, TerminateRequest
from noria_serving.server.status import Code, ServingError, invalid_argument
from noria_serving.server.workers.siblings import NOT_READY, SERVICE

log = structlog.get_logger()
MAX_TEXT = 1024
CONNECTION_SECONDS = 10
"""How long a connection takes new calls; then its client is asked to connect anew, which fails no call.

So clients of a Kubernetes Service spread over new replicas, and none is left on a replica that goes: gRPC cancels the
calls that come while a server stops, and the Service forgets a pod that many seconds before it stops.
"""
_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True)
class Endpoint:
    """A method of a service; `counted` is its name in the metrics, "" for those that are not counted."""

    request: type[Message]
    call: Callable[..., bytes]
    """Takes the message and the seconds to the deadline, if there is one."""
    counted: str = ""
    is_long: bool = False
    """Whether `call` may wait for long: it then also takes a question that says whether the client still does."""


def endpoints(
    core: Core, *, as_content: bool, reload: bool = False, profiler: bool = False
) -> dict[str, dict[str, Endpoint]]:
    """The services by name, and their methods by name."""
    services = _model_endpoints(core, as_content, reload)
    if profiler:
        found = Profiler()
        services["tensorflow.ProfilerService"] = {
            "Profile": Endpoint(ProfileRequest, found.profile),
            "Terminate": Endpoint(TerminateRequest, found.terminate),
            "Monitor": Endpoint(MonitorRequest, found.monitor),
        }
    return services


def _model_endpoints(core: Core, as_content: bool, reload: bool) -> dict[str, dict[str, Endpoint]]:
    prediction, model = Prediction(core, as_content=as_content), ModelService(core, may_reload=reload)
    return {
        "tensorflow.serving.PredictionService": {
            "Predict": Endpoint(PredictRequest, prediction.predict, counted="Predict"),
            "Classify": Endpoint(ClassificationRequest, prediction.classify, counted="Classify"),
            "Regress": Endpoint(RegressionRequest, prediction.regress, counted="Regress"),
            "MultiInference": Endpoint(MultiInferenceRequest, prediction.multi_inference),
            "GetModelMetadata": Endpoint(GetModelMetadataRequest, prediction.get_model_metadata),
        },
        "tensorflow.serving.ModelService": {
            "GetModelStatus": Endpoint(GetModelStatusRequest, model.get_model_status),
            "HandleReloadConfigRequest": Endpoint(ReloadConfigRequest, model.handle_reload_config, is_long=True),
        },
    }


def worker_endpoints(core: Core) -> dict[str, dict[str, Endpoint]]:
    """What the other workers of this server ask of this one."""

    def status(request: GetModelStatusRequest, timeout: float | None) -> bytes:
        with suppress(ServingError):
            return bytes(core.status_here(request.model_spec).SerializeToString())
        return b""

    def check(config: ModelServerConfig, timeout: float | None) -> bytes:
        core.catalog.check(from_proto(config))
        return b""

    def follow(config: ModelServerConfig, timeout: float | None) -> bytes:
        core.follow()
        return NOT_READY if core.catalog.unready(model.name for model in from_proto(config)) else b""

    def metrics(request: Message, timeout: float | None) -> bytes:
        return json.dumps(core.metrics.counts()).encode()

    return {
        SERVICE: {
            "Status": Endpoint(GetModelStatusRequest, status),
            "Check": Endpoint(ModelServerConfig, check),
            "Follow": Endpoint(ModelServerConfig, follow),
            "Metrics": Endpoint(Empty, metrics),
        }
    }


Services = Mapping[str, Mapping[str, Endpoint]]


class Listener:
    """A gRPC server of these services."""

    def __init__(
        self,
        core: Core,
        services: Mapping[str, Mapping[str, Endpoint]],
        threads: int,
        arguments: Mapping[str, int | str],
    ) -> None:
        options = {
            "grpc.max_send_message_length": -1,
            "grpc.max_receive_message_length": -1,
            "grpc.so_reuseport": int(core.siblings is not None),
            "grpc.max_connection_age_ms": CONNECTION_SECONDS * 1000,
        }
        self._core = core
        self._server = grpc.server(ThreadPoolExecutor(threads, "grpc"), options=[*{**options, **arguments}.items()])
        self._health: HealthServicer | None = None
        self._names = [*services]
        for name, methods in services.items():
            handlers = {method: self._handler(endpoint) for method, endpoint in methods.items()}
            self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(name, handlers)])

    def add_health(self) -> None:
        """Serve grpc.health.v1: this server and its two services are serving as soon as it listens."""
        self._health = HealthServicer()
        for service in ("", "ModelService", "PredictionService"):
            self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._server.add_generic_rpc_handlers([health_service(self._health)])
        self._names.append(HEALTH)

    def add_reflection(self) -> None:
        """Serve grpc.reflection, about all services that were added before."""
        self._server.add_generic_rpc_handlers(reflection_services(self._names))

    def bind(self, address: str, credentials: grpc.ServerCredentials | None = None) -> int:
        """Listen on an address, `HOST:PORT` or `unix:PATH`; the port. Raises ServingError."""
        try:
            if credentials is None:
                return int(self._server.add_insecure_port(address))
            return int(self._server.add_secure_port(address, credentials))
        except RuntimeError as error:
            log.error("cannot listen for gRPC", address=address, error=str(error))
            raise invalid_argument("Failed to BuildAndStart gRPC server") from error

    def start(self) -> None:
        """Accept requests."""
        self._server.start()

    def drain(self, timeout: float) -> None:
        """Take no further requests and wait for those in the middle."""
        if self._health:
            self._health.enter_graceful_shutdown()
        self._server.stop(timeout).wait()

    def _handler(self, endpoint: Endpoint) -> "grpc.RpcMethodHandler[bytes, bytes]":
        metrics = self._core.metrics

        def handle(data: bytes, context: grpc.ServicerContext) -> bytes:
            start = time.perf_counter()
            name = ""
            try:
                request = endpoint.request.FromString(data)
                name = request.model_spec.name if endpoint.counted else ""
                more = (context.is_active,) if endpoint.is_long else ()
                answer = endpoint.call(request, context.time_remaining(), *more)
            except Exception as error:
                failure = _failure(error)
                if endpoint.counted:
                    metrics.request_count.add(name, failure.code.name)
                context.abort(_CODES[failure.code], _cut(failure.message))
            if endpoint.counted:
                metrics.request_count.add(name, Code.OK.name)
                metrics.request_latency.add((time.perf_counter() - start) * 1e6, name, endpoint.counted, "GRPC")
            return answer

        return grpc.unary_unary_rpc_method_handler(handle)


def _failure(error: Exception) -> ServingError:
    match error:
        case ServingError():
            return error
        case DecodeError():
            return ServingError(Code.INTERNAL, "Failed to parse the request")
    log.error("request failed", exc_info=error)
    return ServingError(Code.INTERNAL, "Internal error")


def _cut(text: str) -> str:
    """The text, ended where the original ends it, which counts bytes."""
    data = text.encode("utf-8", "surrogateescape")
    return text if len(data) <= MAX_TEXT else data[:MAX_TEXT].decode(errors="ignore") + "...TRUNCATED"
