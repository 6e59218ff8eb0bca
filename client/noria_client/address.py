"""Where a model is served. Used by `connection`."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from noria_client.error import InputError

_SCHEMES = ("http", "https", "grpc", "grpcs")
_GRPC_PORTS = {"grpc": 8500, "grpcs": 443}
_MODEL = re.compile(
    r"(?P<prefix>.*?)/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
    r"(?:/metadata|:\w+)?/?"
)


@dataclass(frozen=True)
class Address:
    """A model, or one version of it, behind a server."""

    scheme: str
    authority: str
    """Host and port."""
    prefix: str
    """Path before the API's own, where a gateway adds one."""
    name: str
    version: int | None = None
    label: str | None = None

    @property
    def is_grpc(self) -> bool:
        """Whether it is asked over gRPC."""
        return self.scheme in _GRPC_PORTS

    @property
    def is_secure(self) -> bool:
        """Whether TLS protects it."""
        return self.scheme in ("https", "grpcs")

    @property
    def path(self) -> str:
        """Of the model in TensorFlow Serving's REST API."""
        at = f"/versions/{self.version}" if self.version is not None else ""
        at = at or (f"/labels/{quote(self.label, safe='')}" if self.label else "")
        return f"{self.prefix}/v1/models/{quote(self.name, safe='')}{at}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parsed(url: str, name: str | None, *, version: int | None, label: str | None) -> Address:
    """The address in a URL; name, version and label replace what it says. Raises InputError."""
    if version is not None and label is not None:
        raise InputError("give a version or a label, not both")
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise InputError(f"{url!r} is no address: write it as http://HOST:8501 or grpc://HOST:8500")
    if "@" in parts.netloc:
        raise InputError("credentials do not belong into the address: give token=... or headers=...")
    if parts.query or parts.fragment:
        raise InputError(f"leave out what follows {parts.path!r} in the address: the API takes no query")
    found = _MODEL.fullmatch(parts.path)
    at = found.groupdict() if found else {"prefix": parts.path.rstrip("/")}
    if version is None and label is None:
        version, label = int(at["version"]) if at.get("version") else None, at.get("label")
    named = name or unquote(at.get("name") or "") or _name_of(parts.hostname)
    return Address(parts.scheme, _authority(parts.scheme, parts.netloc), at["prefix"], named, version, label)


def _authority(scheme: str, netloc: str) -> str:
    has_port = re.search(r":\d+$", netloc) is not None
    return netloc if has_port or scheme not in _GRPC_PORTS else f"{netloc}:{_GRPC_PORTS[scheme]}"


def _name_of(host: str) -> str:
    """A Model's Service has its name, so `flowers` in `flowers.shop.svc`."""
    first = host.partition(".")[0]
    if first == "localhost" or _is_ip(host):
        raise InputError(f"which model? Give name=... or write http://{host}:8501/v1/models/NAME")
    return first


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
