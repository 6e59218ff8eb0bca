"""Requests over HTTP. Used by `connection`."""

from typing import NoReturn

import httpx

from noria_client.address import Address
from noria_client.error import (
    AccessError,
    AnswerError,
    ClientError,
    InputError,
    NotFoundError,
    RefusedError,
    TimedOutError,
    UnavailableError,
)
from noria_client.request import Request
from noria_client.retry import TransientError, retry_after
from noria_client.settings import Settings

_CONNECT_SECONDS = 5.0
_PASSING = (408, 425, 429, 502, 503)
"""Statuses that ask to come again: nothing was done, or it was too much."""
_BROKEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
"""No reply came, and none will."""
_SLOW = "give a larger timeout=..., or a smaller batch_rows=..."


class Http:
    """A client of one server."""

    def __init__(self, address: Address, settings: Settings) -> None:
        if settings.transport is not None and not isinstance(settings.transport, httpx.BaseTransport):
            raise InputError("transport is for AsyncModel: give Model a httpx.BaseTransport")
        self._settings = settings
        self._client = httpx.Client(
            base_url=_base(address), timeout=_timeout(settings), verify=settings.tls(), transport=settings.transport
        )

    def send(self, request: Request) -> bytes:
        """The reply's body. Raises ClientError, and TransientError where another attempt may do."""
        try:
            reply = self._client.request(_method(request), request.path, content=request.body, headers=self._headers())
        except httpx.HTTPError as error:
            _raise_broken(error, self._settings)
        return _body(reply, request)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _headers(self) -> dict[str, str]:
        return {"content-type": "application/json", **self._settings.all_headers()}


class AsyncHttp:
    """The same, to await."""

    def __init__(self, address: Address, settings: Settings) -> None:
        if settings.transport is not None and not isinstance(settings.transport, httpx.AsyncBaseTransport):
            raise InputError("transport is for Model: give AsyncModel a httpx.AsyncBaseTransport")
        self._settings = settings
        self._client = httpx.AsyncClient(
            base_url=_base(address), timeout=_timeout(settings), verify=settings.tls(), transport=settings.transport
        )

    async def send(self, request: Request) -> bytes:
        """The reply's body. Raises ClientError, and TransientError where another attempt may do."""
        headers = {"content-type": "application/json", **self._settings.all_headers()}
        try:
            reply = await self._client.request(_method(request), request.path, content=request.body, headers=headers)
        except httpx.HTTPError as error:
            _raise_broken(error, self._settings)
        return _body(reply, request)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _base(address: Address) -> str:
    return f"{address.scheme}://{address.authority}"


def _timeout(settings: Settings) -> httpx.Timeout:
    return httpx.Timeout(settings.timeout, connect=min(settings.timeout, _CONNECT_SECONDS), pool=None)


def _method(request: Request) -> str:
    return "GET" if request.body is None else "POST"


def _raise_broken(error: httpx.HTTPError, settings: Settings) -> NoReturn:
    if isinstance(error, _BROKEN):
        text = str(error) or type(error).__name__
        cure = "check the address, and that it is the REST port: gRPC's is grpc://HOST:8500"
        raise TransientError(UnavailableError(f"the server cannot be reached ({text}): {cure}")) from error
    if isinstance(error, httpx.TimeoutException):
        raise TimedOutError(f"no answer within {settings.timeout:g} s: {_SLOW}") from error
    raise AnswerError(f"the server's reply cannot be read: {error}") from error


def _body(reply: httpx.Response, request: Request) -> bytes:
    if reply.status_code == 200:
        return reply.content
    error = _refusal(reply, request)
    if reply.status_code in _PASSING:
        raise TransientError(UnavailableError(f"{error}, also after retries"), retry_after(reply.headers))
    raise error


def _refusal(reply: httpx.Response, request: Request) -> ClientError:
    status, text = reply.status_code, _error(reply)
    said = f"{status} {text}".strip()
    if reply.is_redirect:
        return RefusedError(f"the server redirects to {reply.headers.get('location', '?')}: give that address", said)
    if status in (401, 403):
        return AccessError(
            f"the server refuses us ({said}): give token=... or headers=... that may ask it", str(status)
        )
    if status == 404:
        cure = f"check the model's name and version in {request.path}, and that it is loaded"
        return NotFoundError(f"not found ({text or status}): {cure}", str(status))
    if status == 504:
        return TimedOutError(f"the server gave up ({said}): {_SLOW}")
    if status == 413:
        size = len(request.body or b"")
        return RefusedError(f"{size} bytes are too large for the server: give a smaller batch_bytes=...", str(status))
    return RefusedError(f"the server answers {said}", str(status))


def _error(reply: httpx.Response) -> str:
    """In the server's words, if they are such."""
    try:
        return str(reply.json()["error"])
    except (KeyError, TypeError, ValueError):
        return reply.reason_phrase
