"""A client of gRPC's reflection. Used by `test_rpc` and `test_version`."""

from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

V1ALPHA, V1 = "grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection"


def ask(channel: grpc.Channel, service: str = V1, **what: Any) -> ServerReflectionResponse:
    """The answer to one question."""
    call = channel.stream_stream(
        f"/{service}/ServerReflectionInfo",
        request_serializer=ServerReflectionRequest.SerializeToString,
        response_deserializer=ServerReflectionResponse.FromString,
    )
    answers: Iterator[ServerReflectionResponse] = call(iter([ServerReflectionRequest(**what)]), timeout=120)
    return next(answers)


def services(channel: grpc.Channel, service: str = V1) -> set[str]:
    """The services that the server has."""
    return {found.name for found in ask(channel, service, list_services="").list_services_response.service}


def methods(channel: grpc.Channel, symbol: str) -> list[str]:
    """The methods of a service, from its descriptor."""
    answer = ask(channel, file_containing_symbol=symbol).file_descriptor_response.file_descriptor_proto
    files = [FileDescriptorProto.FromString(data) for data in answer]
    found = [each for file in files for each in file.service if f"{file.package}.{each.name}" == symbol]
    return [method.name for each in found for method in each.method]
