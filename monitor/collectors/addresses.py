"""Which addresses a fetch may connect to: decided on the resolved address, for every connection."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
MayConnect = Callable[[IPAddress], bool]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddressError(OSError):
    """A name led to an address that this source may not be fetched from; `address` is that address."""

    def __init__(self, address: str) -> None:
        super().__init__(f"refused to connect to {address}")
        self.address = address


def is_public(address: IPAddress) -> bool:
    """Return whether an address is on the open internet; an IPv4 address wrapped in IPv6 is judged itself."""
    inner = _wrapped(address)
    return address.is_global and not address.is_multicast and (inner is None or is_public(inner))


def is_not_link_local(address: IPAddress) -> bool:
    """Return whether a source that allows private addresses may be there: cloud metadata services never."""
    inner = _wrapped(address) or address
    return not (inner.is_link_local or inner.is_multicast or inner.is_unspecified)


def socket_factory(may_connect: MayConnect) -> Callable[[tuple[Any, ...]], socket.socket]:
    """Return a maker of sockets that refuses addresses.

    It sees what was resolved, so that a second answer of a name server cannot slip past it.
    """

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, where = info
        if not may_connect(ipaddress.ip_address(str(where[0]).partition("%")[0])):
            raise PrivateAddressError(str(where[0]))
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _wrapped(address: IPAddress) -> IPAddress | None:
    """Return the IPv4 address inside an IPv6 one (mapped, 6to4, NAT64), or None."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
