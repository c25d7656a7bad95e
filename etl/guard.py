"""Keep server-side fetches of payload URLs off private networks (SSRF).

A camera list names the URLs that our server then asks. Whoever can write the list could make it
ask the lake's neighbours, the cloud's metadata service or this machine.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from etl.errors import Refused, Unreachable

Resolve: TypeAlias = Callable[..., list[tuple[Any, ...]]]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+\Z|[0-9a-f:.]+\Z")
# Azure answers instance metadata from an address that counts as public.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
_UNICAST_6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def public_address(
    url: str, allowed_hosts: Collection[str], *, resolve: Resolve = socket.getaddrinfo
) -> str | None:
    """Return the public address that `url` leads to; None for a host that is allowed by name.

    A name may resolve to another address a moment later, so the address is what to connect to.

    Args:
        url: As the payload has it.
        allowed_hosts: `host:port`, such as `127.0.0.1:8060`, that may be private.
        resolve: Stands in for `socket.getaddrinfo`, which also reads decimal, octal and
            hexadecimal spellings of an address.

    Raises:
        Refused: Another scheme than http and https, credentials, no plain host, or an address
            that is private, loopback, link-local, multicast, reserved or of a metadata service.
        Unreachable: The host has no address now.
    """
    host, port = _endpoint(url)
    if f"{host}:{port}" in allowed_hosts:
        return None
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: nama host tidak dikenal") from error
    addresses = [str(address[0]) for *_, address in found]
    if not addresses:
        raise Unreachable(f"{host}: nama host tidak dikenal")
    if not all(map(_public, addresses)):
        raise Refused(
            f"{host}:{port} bukan alamat publik; izinkan dalam feeds.toml (allowed_hosts)"
            " bila milik sendiri"
        )
    return addresses[0]


def _endpoint(url: str) -> tuple[str, int]:
    # What one parser drops and another reads as a separator decides who is asked.
    if any(character.isspace() or not character.isprintable() for character in url) or "\\" in url:
        raise Refused("seharusnya URL tanpa spasi, karakter kendali dan garis miring terbalik")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("bukan URL yang sah") from error
    if parts.scheme not in _PORTS:
        raise Refused(f"seharusnya http atau https, ditemukan {parts.scheme[:20] or 'tanpa skema'}")
    if "@" in parts.netloc:
        raise Refused("seharusnya URL tanpa nama pengguna dan kata sandi")
    if not _HOST.match(host):
        raise Refused("seharusnya nama host atau alamat biasa dalam URL")
    return host, _PORTS[parts.scheme] if port is None else port


def _public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return _public_6(address)
    return address.is_global and not address.is_multicast and address not in _METADATA


def _public_6(address: ipaddress.IPv6Address) -> bool:
    """Judge an IPv6 address, one that carries an IPv4 address by that."""
    if address.ipv4_mapped is not None:
        return _public(str(address.ipv4_mapped))
    if address in _NAT64:
        return _public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    carried = [address.sixtofour, *(address.teredo or ())]
    if any(inner is not None and not _public(str(inner)) for inner in carried):
        return False
    return address in _UNICAST_6 and address.is_global
