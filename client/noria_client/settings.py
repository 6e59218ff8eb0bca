"""How a server is reached and asked. Used by `model`, `async_model`, `http` and `channel`."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import httpx

from noria_client.error import InputError
from noria_client.retry import Retries


class Options(TypedDict, total=False):
    """Arguments of `Model` and `AsyncModel` beside the address, all of them optional."""

    name: str
    """Of the model, where the address does not say it."""
    version: int
    """Asks this version in the place of the latest."""
    label: str
    """Asks the version with this label, such as `stable`."""
    signature: str
    """Asks by this signature in the place of the one that fits best."""
    timeout: float
    """Seconds for each request; 30 where none are given."""
    retries: int
    """How often a request is sent again after failures that may pass; 4."""
    batch_rows: int
    """Most examples in one request; 256."""
    batch_bytes: int
    """Most bytes in one request, unless one example has more; 4 MiB."""
    parallel: int
    """Requests at the same time; 1."""
    token: str | Callable[[], str]
    """Sent as `Authorization: Bearer`; a function is asked for it before each request."""
    headers: Mapping[str, str]
    """Sent with each request: HTTP headers, or metadata of gRPC."""
    ca: str | Path
    """PEM file of the authorities that the server's certificate is checked against, in the place of the public ones."""
    certificate: tuple[str | Path, str | Path]
    """PEM files of the client's own certificate and its key, where the server asks for one."""
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport
    """Carries HTTP requests in the place of the network."""


@dataclass(frozen=True)
class Settings:
    """The options with their defaults."""

    name: str | None = None
    version: int | None = None
    label: str | None = None
    signature: str | None = None
    timeout: float = 30.0
    retries: int = 4
    batch_rows: int = 256
    batch_bytes: int = 4 << 20
    parallel: int = 1
    token: str | Callable[[], str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str | Path | None = None
    certificate: tuple[str | Path, str | Path] | None = None
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None

    def __post_init__(self) -> None:
        for name in ("timeout", "batch_rows", "batch_bytes", "parallel"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}: give more than 0")
        if self.retries < 0:
            raise InputError(f"retries is {self.retries}: give 0 or more")

    @property
    def attempts(self) -> Retries:
        """When to send a request again."""
        return Retries(self.retries)

    def all_headers(self) -> dict[str, str]:
        """Those of the next request, in lower case."""
        token = self.token() if callable(self.token) else self.token
        authorization = {"authorization": f"Bearer {token}"} if token else {}
        return {**{name.lower(): value for name, value in self.headers.items()}, **authorization}

    def tls(self) -> ssl.SSLContext | bool:
        """What certificates are checked against; True for the usual. Raises InputError."""
        if self.ca is None and self.certificate is None:
            return True
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate:
                context.load_cert_chain(*self.certificate)
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"ca and certificate name PEM files: {error}") from error
        return context
