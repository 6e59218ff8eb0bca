"""Requests over gRPC. Used by `connection`."""

from pathlib import Path
from typing import Any, NoReturn

import grpc
import grpc.aio

from noria_client.address import Address
from noria_client.error import (
    AccessError,
    AnswerError,
    InputError,
    NotFoundError,
    RefusedError,
    TimedOutError,
    UnavailableError,
)
from noria_client.request import Request
from noria_client.retry import TransientError
from noria_client.settings import Settings

_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
"""Messages are as large as the server allows."""
_Code = grpc.StatusCode


class Grpc:
    """A client of one server."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._settings, credentials = settings, _credentials(address, settings)
        self._channel = (
            grpc.secure_channel(address.authority, credentials, _OPTIONS)
            if credentials
            else grpc.insecure_channel(address.authority, _OPTIONS)
        )

    def send(self, request: Request) -> bytes:
        """The reply. Raises ClientError, and TransientError where another attempt may do."""
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(request.path)
        try:
            reply = call(request.body or b"", timeout=self._settings.timeout, metadata=_metadata(self._settings))
        except grpc.RpcError as error:
            _raise(error, self._settings)
        return bytes(reply)

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()


class AsyncGrpc:
    """The same, to await."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self._settings, credentials = settings, _credentials(address, settings)
        self._channel = (
            grpc.aio.secure_channel(address.authority, credentials, _OPTIONS)
            if credentials
            else grpc.aio.insecure_channel(address.authority, _OPTIONS)
        )

    async def send(self, request: Request) -> bytes:
        """The reply. Raises ClientError, and TransientError where another attempt may do."""
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(request.path)
        try:
            reply = await call(request.body or b"", timeout=self._settings.timeout, metadata=_metadata(self._settings))
        except grpc.RpcError as error:
            _raise(error, self._settings)
        return bytes(reply)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def _metadata(settings: Settings) -> tuple[tuple[str, str], ...]:
    return tuple(settings.all_headers().items())


def _credentials(address: Address, settings: Settings) -> Any:
    """Of TLS, none without. Raises InputError."""
    if settings.transport is not None:
        raise InputError("transport is for http:// and https:// addresses")
    if address.prefix:
        raise InputError(f"gRPC has no paths: write {address.scheme}://{address.authority} without {address.prefix}")
    if not address.is_secure:
        if settings.ca or settings.certificate:
            raise InputError("ca and certificate are for TLS: write grpcs:// in the address")
        return None
    certificate, key = (_read(path) for path in settings.certificate or (None, None))
    return grpc.ssl_channel_credentials(_read(settings.ca), key, certificate)


def _read(path: str | Path | None) -> bytes | None:
    try:
        return Path(path).read_bytes() if path is not None else None
    except OSError as error:
        raise InputError(f"ca and certificate name PEM files: {path}: {error.strerror}") from error


def _raise(error: Any, settings: Settings) -> NoReturn:
    code, text = error.code(), error.details() or ""
    status = code.name
    if code in (_Code.UNAVAILABLE, _Code.RESOURCE_EXHAUSTED):
        cure = "check the address, and that it is the gRPC port: REST's is http://HOST:8501"
        raise TransientError(UnavailableError(f"the server cannot answer ({text or status}): {cure}")) from error
    if code is _Code.DEADLINE_EXCEEDED:
        cure = "give a larger timeout=..., or a smaller batch_rows=..."
        raise TimedOutError(f"no answer within {settings.timeout:g} s: {cure}") from error
    if code in (_Code.UNAUTHENTICATED, _Code.PERMISSION_DENIED):
        cure = "give token=... or headers=... that may ask it"
        raise AccessError(f"access is denied ({text or status}): {cure}", status) from error
    if code is _Code.NOT_FOUND:
        cure = "check the model's name and version, and that it is loaded"
        raise NotFoundError(f"not found ({text}): {cure}", status) from error
    if code is _Code.UNIMPLEMENTED:
        raise AnswerError(f"{text or status}: is it the gRPC port of a model server, 8500?") from error
    raise RefusedError(f"the server answers {status} {text}", status) from error
