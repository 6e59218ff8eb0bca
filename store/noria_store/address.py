"""Kinds of addresses: public ones, and those that only some networks or machines mean. Used by `reach`."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_METADATA: tuple[Network, ...] = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),  # Amazon's services of an instance
    ipaddress.ip_network("fd20:ce::254/128"),  # Google's
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's, among the internet's addresses
    ipaddress.ip_network("100.100.100.200/32"),  # Alibaba's
    ipaddress.ip_network("192.0.0.192/32"),  # Oracle's
)
"""Link-local addresses, and those at which clouds give a machine its credentials."""
_NOT_PUBLIC: tuple[Network, ...] = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4
    ipaddress.ip_network("198.18.0.0/15"),
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64 of a network of one's own
    ipaddress.ip_network("fec0::/10"),
    ipaddress.ip_network("100::/64"),
    ipaddress.ip_network("5f00::/16"),
)
"""Special-purpose addresses (IANA's registries), also where this version of `ipaddress` takes them for public."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def is_metadata(address: Address) -> bool:
    """Whether the address is link-local, as those are at which machines of a cloud get their credentials."""
    return any(address in network for network in _METADATA)


def kind(address: Address) -> str:
    """What keeps an address from being a public one, such as `a private`; nothing for a public one."""
    if address.is_loopback:
        return "a loopback"
    if address.is_multicast:
        return "a multicast"
    if address.is_unspecified:
        return "an unspecified"
    is_public = address.is_global and not any(address in network for network in _NOT_PUBLIC)
    return "" if is_public else "a private"


def ends(address: Address) -> list[Address]:
    """The address, and the IPv4 addresses that it stands for: mapped, compatible, NAT64, 6to4 and Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inside = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(each for each in inside if each is not None)]
