"""Which protocol and which network an address is asked over. Used by `model` and `async_model`."""

import importlib
from typing import NamedTuple, Protocol

from noria_client.address import Address, parsed
from noria_client.error import InputError
from noria_client.http import AsyncHttp, Http
from noria_client.request import Protocolled, Request
from noria_client.rest import Rest
from noria_client.settings import Settings


class Channel(Protocol):
    """Carries requests to one server."""

    def send(self, request: Request) -> bytes:
        """The reply. Raises ClientError, and TransientError where another attempt may do."""

    def close(self) -> None:
        """Close the connections."""


class AsyncChannel(Protocol):
    """The same, to await."""

    async def send(self, request: Request) -> bytes:
        """The reply. Raises ClientError, and TransientError where another attempt may do."""

    async def close(self) -> None:
        """Close the connections."""


class Connection(NamedTuple):
    """To a model."""

    address: Address
    protocol: Protocolled
    channel: Channel


class AsyncConnection(NamedTuple):
    """The same, to await."""

    address: Address
    protocol: Protocolled
    channel: AsyncChannel


def connected(url: str, settings: Settings) -> Connection:
    """To the model at a URL; nothing is sent so far. Raises InputError."""
    address = parsed(url, settings.name, version=settings.version, label=settings.label)
    if not address.is_grpc:
        return Connection(address, Rest(address), Http(address, settings))
    _need_grpc()
    from noria_client.channel import Grpc
    from noria_client.rpc import Rpc

    return Connection(address, Rpc(address), Grpc(address, settings))


def async_connected(url: str, settings: Settings) -> AsyncConnection:
    """The same, to await."""
    address = parsed(url, settings.name, version=settings.version, label=settings.label)
    if not address.is_grpc:
        return AsyncConnection(address, Rest(address), AsyncHttp(address, settings))
    _need_grpc()
    from noria_client.channel import AsyncGrpc
    from noria_client.rpc import Rpc

    return AsyncConnection(address, Rpc(address), AsyncGrpc(address, settings))


def _need_grpc() -> None:
    try:
        for package in ("grpc", "google.protobuf"):
            importlib.import_module(package)
    except ImportError as error:
        raise InputError("gRPC needs two more packages: pip install 'noria-client[grpc]'") from error
