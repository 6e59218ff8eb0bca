"""Where a URI that a user wrote may lead: from a pod, to the internet and to networks that the administrator allows.

A pod reaches more than its users may: its cloud's credentials, the API server, Services of other namespaces. Whoever
runs a step on a machine of their own may read what that machine can. Used by `store`, `web` and `s3`.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace

from noria.contract import FILES_VARIABLE, NETWORKS_VARIABLE, ORDER_VARIABLE, ExitCode, Home, shown
from noria_store.address import Network, ends, is_metadata, kind
from noria_store.error import StepError
from noria_store.uri import is_s3


@dataclass(frozen=True)
class Reach:
    """What may be read by a URI that a user wrote."""

    networks: tuple[Network, ...] = ()
    """Allowed besides public addresses."""
    files: bool = False
    """Whether local paths may be read."""
    is_unlimited: bool = False
    """Whether everything may be read: files, http, every address."""
    home: Home | None = None
    """Whose objects in Noria's bucket may be read."""
    endpoint: str = ""
    """Of Noria's bucket."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], home: Home | None = None) -> "Reach":
        """Unlimited for a process without an order: it is a person's own, and no pod."""
        endpoint = environment.get("AWS_ENDPOINT_URL", "")
        if ORDER_VARIABLE not in environment:
            return replace(UNLIMITED, home=home, endpoint=endpoint)
        given = environment.get(NETWORKS_VARIABLE, "").split(",")
        networks = tuple(ipaddress.ip_network(part.strip()) for part in given if part.strip())
        return cls(networks, files=environment.get(FILES_VARIABLE) == "true", home=home, endpoint=endpoint)

    def check(self, uri: str) -> None:
        """Raises StepError for a URI of a kind that may not be read, and for another namespace's objects."""
        if self.home and (refusal := self.home.why_refused(uri, endpoint=self.endpoint)):
            raise StepError(ExitCode.NOT_PERMITTED, "NotYours", refusal)
        if is_s3(uri) or uri.startswith("https://") or (self.is_unlimited and uri.startswith("http://")):
            return
        has_files = self.files or self.is_unlimited
        if "://" in uri.removeprefix("file://") or not has_files:
            local = ", https:// or a local path" if has_files else " or https://"
            raise StepError(ExitCode.BAD_ORDER, "UnknownScheme", f"{shown(uri)} is not supported: use s3://{local}")

    def addresses(self, host: str, port: int) -> list[str]:
        """The host's addresses. Raises StepError if one of them may not be read, OSError if there is none."""
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        refused = next(filter(None, map(self.refused, found)), "")
        if refused:
            words = f"{host} has {refused} address, from which a pod may not read what a user names"
            cure = "use a public server or an S3 bucket, or ask the administrator to allow its network"
            raise StepError(ExitCode.NOT_PERMITTED, "AddressRefused", f"{words}: {cure} (sources.allowedNetworks)")
        return list(dict.fromkeys(found))

    def refused(self, address: str) -> str:
        """What kind of address this is, if it may not be read, such as `a private`; else nothing."""
        if self.is_unlimited:
            return ""
        every = ends(ipaddress.ip_address(address.partition("%")[0]))
        if any(map(is_metadata, every)):
            return "a link-local"
        return next((found for each in every if (found := kind(each)) and not self._allows(each)), "")

    def _allows(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in network for network in self.networks)


UNLIMITED = Reach(is_unlimited=True)
"""Of a person's own machine, and of what the administrator names."""
