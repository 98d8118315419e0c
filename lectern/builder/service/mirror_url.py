"""Which git addresses an environment may be taken from: another server's, never a way into this machine.

The host's addresses are looked up once, judged, and handed to git as they are, so that a name cannot mean
one thing when it is judged and another when it is fetched.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lectern.errors import RepoError
from lectern.web.translation import to_translate

_HINT = to_translate("give an address such as https://git.example.org/group/course.git")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_LONGEST = 500
_PORTS = {"https": 443, "http": 80}

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class MirrorURL:
    """A git address that may be fetched."""

    url: str
    host: str
    port: int


def read_url(text: str) -> MirrorURL:
    """Read a git address.

    Raises
    ------
    RepoError
        It is none, of another kind than http(s), or holds a password.
    """
    url = text.strip()
    shown = re.sub(r"//[^/@]*@", "//…@", url)[:100]
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise RepoError(to_translate("is no address"), where=shown, hint=_HINT)
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as problem:
        raise RepoError(
            to_translate("is no address ({reason})"), where=shown, hint=_HINT, reason=problem
        ) from problem
    if parts.scheme not in _PORTS:
        raise RepoError(to_translate("only http and https addresses are fetched"), where=shown, hint=_HINT)
    if parts.username is not None or parts.password is not None:
        raise RepoError(
            to_translate(
                "holds a name or a password, which everybody who may see the environment would read"
            ),
            where=shown,
            hint=to_translate(
                "use a repo that can be read without; for a private one push to this environment instead"
            ),
        )
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc.rstrip(":")
    if not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise RepoError(to_translate("is no address of a git repo"), where=shown, hint=_HINT)
    return MirrorURL(url, host.strip("[]"), port)


def is_reachable_by_design(address: Address) -> bool:
    """Say whether a mirror may lie at an address.

    A campus's own servers (10.…, 192.168.…) may be meant, and are. Loopback and what clouds answer to their
    machines on link-local addresses are not.
    """
    mapped = _as_reached(address)
    return not (
        mapped.is_loopback
        or mapped.is_link_local
        or mapped.is_multicast
        or mapped.is_unspecified
        or mapped.is_reserved
    )


async def resolve(url: MirrorURL, own_networks: tuple[Network, ...]) -> list[str]:
    """Look a host up and give the addresses that git may connect to.

    Parameters
    ----------
    url : MirrorURL
        Whose host is meant.
    own_networks : tuple[Network, ...]
        Where this machine and its containers are.

    Raises
    ------
    RepoError
        It has none, or one that is not for mirrors.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise RepoError(
            to_translate("the host is not found ({reason})"), where=url.url, hint=_HINT, reason=problem
        ) from problem
    addresses = _addresses(found)
    for address in addresses:
        if not is_reachable_by_design(address) or any(
            _as_reached(address) in network for network in own_networks
        ):
            raise RepoError(
                to_translate("this address is of Lectern's own machine"), where=url.url, hint=_HINT
            )
    return sorted({str(address) for address in addresses})


def networks_of_routes(route_table: str) -> tuple[Network, ...]:
    """Read the networks that a container is in from its `/proc/net/route`."""
    networks: list[Network] = []
    for line in route_table.splitlines()[1:]:
        fields = line.split()
        target, gateway, mask = (int(fields[place], 16).to_bytes(4, "little") for place in (1, 2, 7))
        if any(target):
            networks.append(
                ipaddress.IPv4Network((ipaddress.IPv4Address(target), str(ipaddress.IPv4Address(mask))))
            )
        elif any(gateway):
            networks.append(ipaddress.IPv4Network(ipaddress.IPv4Address(gateway)))  # the machine itself
    return tuple(networks)


def networks_of_host(address: str) -> tuple[Network, ...]:
    """Look up where a web address leads; nowhere when its host is not found. Waits for the network."""
    try:
        found = socket.getaddrinfo(urlsplit(address).hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return ()
    return tuple(ipaddress.ip_network(_as_reached(one)) for one in _addresses(found))


def _addresses(found: list[Any]) -> list[Address]:
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _as_reached(address: Address) -> Address:
    """Give the address that a connection goes to: an IPv4 one can be written as IPv6."""
    return getattr(address, "ipv4_mapped", None) or address
