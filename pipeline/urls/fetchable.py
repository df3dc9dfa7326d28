"""What may be fetched: scheme, port and literal address before DNS, the resolved address after it (pure).

Feeds and pages name addresses that strangers chose. A fetch must never reach the machine itself, its network or a
cloud's metadata service, by name, by literal or by a translation of one address family into another.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

ALLOWED_PORTS = frozenset({80, 443, 8000, 8008, 8080, 8081, 8443, 8888})
"""Ports on which real outlets serve feeds; everything else is a way to speak to other services."""
MAX_URL_LENGTH = 8_000
"""Longest address fetched; servers commonly refuse above 8 KiB of request line."""

MAX_HOST_LENGTH = 253
"""Characters of a host name (RFC 1035, section 2.3.4, without the lengths of its labels)."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291, deprecated, still routed to IPv4 by some stacks
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # metadata and health service of one cloud, a public address by number
        "192.88.99.0/24",  # 6to4 relay anycast, RFC 7526
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "64:ff9b:1::/48",  # local-use NAT64, RFC 8215
        "100::/64",  # discard only, RFC 6666
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, deprecated, still private by intent
    )
)
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain", ".corp")
_LITERAL = frozenset("0123456789.") | {"。"}
_NUMERIC = re.compile(r"^(?:0x[0-9a-f]*|\d+)$", re.IGNORECASE)


def is_public_address(ip: str | Address) -> bool:
    """Whether an address belongs to the public internet; checked after DNS, on every hop.

    False for private, shared (RFC 6598), loopback, link-local, metadata, multicast, reserved and documentation
    ranges, for IPv6 forms that carry such an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64), for scoped
    addresses, and for what is no address at all.
    """
    try:
        address = ipaddress.ip_address(ip) if isinstance(ip, str) else ip
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _carried(address)
        if inner is not None:
            return all(is_public_address(one) for one in inner)
    if address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback:
        return False
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...] | None:
    """The IPv4 addresses an IPv6 address stands for, or None where it is one of its own."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 1):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return None


def safe_to_fetch(url: str, *, allow_hosts: Collection[str] = ()) -> str | None:
    """Why an address must not be fetched, or None where nothing speaks against it before DNS.

    One of ``malformed``, ``too-long``, ``scheme``, ``userinfo``, ``no-host``, ``port``, ``local-name``,
    ``private-address``. Literals are read as `inet_aton` reads them, so ``http://0x7f.1/`` and
    ``http://2130706433/`` are loopback. `allow_hosts` (lower case) are exempt from the checks on port and address:
    an outlet on the reader's own network. The resolved address still has to pass `is_public_address`.
    """
    if len(url) > MAX_URL_LENGTH:
        return "too-long"
    if any(ord(char) < 33 or ord(char) == 127 for char in url) or "\\" in url:
        return "malformed"
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "malformed"
    if parts.scheme.lower() not in ("http", "https"):
        return "scheme"
    if "@" in parts.netloc:
        return "userinfo"
    if not name:
        return "no-host"
    if name in allow_hosts:
        return None
    if port is not None and port not in ALLOWED_PORTS:
        return "port"
    return _refused_name(name)


def _refused_name(name: str) -> str | None:
    if any(not char.isascii() and unicodedata.normalize("NFKC", char) in _LITERAL for char in name):
        return "malformed"  # digits and full stops of other scripts, which a resolver may fold into a literal
    if ":" in name:
        return None if is_public_address(name) else "private-address"
    if len(name) > MAX_HOST_LENGTH or "%" in name or not all(char.isalnum() or char in "-._" for char in name):
        return "malformed"
    if _NUMERIC.match(name.rpartition(".")[2]):
        try:
            literal = socket.inet_ntoa(socket.inet_aton(name))
        except OSError:
            return "malformed"
        return None if is_public_address(literal) else "private-address"
    if "." not in name or name.endswith(_LOCAL_SUFFIXES):
        return "local-name"
    return None
