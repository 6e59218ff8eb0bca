"""Health and reflection: they answer however busy the models are. Registered by `rpc.listener`.

In the original health takes no handler thread; here both have threads beside those of the models. Reflection is always
on, as it is there: grpc++_reflection is linked into the server.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_health.v1.health import HealthServicer
from grpc_reflection.v1alpha.reflection import SERVICE_NAME as REFLECTION
from grpc_reflection.v1alpha.reflection import ReflectionServicer
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse
from tensorflow_serving.apis import model_service_pb2, prediction_service_pb2

REFLECTIONS = ("grpc.reflection.v1.ServerReflection", REFLECTION)
"""The same messages under two names: clients ask for the first, and older ones for the second."""
DESCRIBED = (model_service_pb2, prediction_service_pb2)
"""Imported for the descriptors of our services, which reflection finds where every import leaves them."""
STREAMS = 8
"""Clients that reflection answers at a time; each holds a thread."""


@dataclass(frozen=True)
class Aside:
    """A method in threads of its own; grpc looks for the attributes of these names."""

    method: Callable[..., Any]
    experimental_thread_pool: ThreadPoolExecutor
    experimental_non_blocking: bool = False
    """Whether the method returns at once and sends its answers later, by a callback."""

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        """Call the method."""
        return self.method(*arguments, **more)


def health_service(health: HealthServicer) -> grpc.GenericRpcHandler:
    """grpc.health.v1."""
    pool = ThreadPoolExecutor(1, "health")
    codec = {
        "request_deserializer": health_pb2.HealthCheckRequest.FromString,
        "response_serializer": health_pb2.HealthCheckResponse.SerializeToString,
    }
    methods = {
        "Check": grpc.unary_unary_rpc_method_handler(Aside(health.Check, pool), **codec),
        "Watch": grpc.unary_stream_rpc_method_handler(Aside(health.Watch, pool, True), **codec),
    }
    return grpc.method_handlers_generic_handler(HEALTH, methods)


def reflection_services(services: Iterable[str]) -> list[grpc.GenericRpcHandler]:
    """grpc.reflection, of these services and of itself."""
    servicer, pool = ReflectionServicer([*services, *REFLECTIONS]), ThreadPoolExecutor(STREAMS, "reflection")
    handler = grpc.stream_stream_rpc_method_handler(
        Aside(servicer.ServerReflectionInfo, pool),
        request_deserializer=ServerReflectionRequest.FromString,
        response_serializer=ServerReflectionResponse.SerializeToString,
    )
    return [grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler}) for name in REFLECTIONS]
