"""Whose address a request comes from, believing only our own proxy.

The proxy appends the address that it saw to X-Forwarded-For; what stands before that, and X-Real-Ip, is what
the client wrote. Tornado's `remote_ip` believes X-Real-Ip, and anybody who reaches the hub's port, as
participants' containers do.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from tornado.httputil import HTTPServerRequest

_PROXY = "proxy"  # its name on Compose's networks
_KNOWN_FOR_S = 30


def client_address(peer: str, forwarded_for: str, *, proxies: Collection[str]) -> str:
    """Give the address of who asks.

    Parameters
    ----------
    peer : str
        The other end of the connection.
    forwarded_for : str
        X-Forwarded-For as it came.
    proxies : Collection[str]
        Addresses whose word is taken.
    """
    if peer not in proxies:
        return peer
    for hop in reversed([hop.strip() for hop in forwarded_for.split(",")]):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            return peer
        if address not in proxies:
            return address
    return peer


class Addresses:
    """Addresses of requests; knows where the proxy is, and looks again when it moved.

    Parameters
    ----------
    trusted : Collection[str]
        Further proxies before ours, by address.
    """

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = frozenset(trusted)
        self._proxies: frozenset[str] = frozenset()
        self._looked_at_s = -float(_KNOWN_FOR_S)

    async def of(self, request: HTTPServerRequest) -> str:
        """Give the address of who sent a request."""
        peer = _peer(request)
        forwarded_for = request.headers.get("X-Forwarded-For", "")
        if forwarded_for and peer not in self._proxies:
            await self._find_proxy()
        return client_address(peer, forwarded_for, proxies=self._proxies | self._trusted)

    async def _find_proxy(self) -> None:
        now_s = time.monotonic()
        if now_s - self._looked_at_s < _KNOWN_FOR_S:
            return
        self._looked_at_s = now_s
        try:
            found = await asyncio.get_running_loop().getaddrinfo(_PROXY, None)
        except OSError:
            return  # it is not there, so nothing comes from it
        self._proxies = frozenset(str(sockaddr[0]) for *_, sockaddr in found)


def _peer(request: HTTPServerRequest) -> str:
    """Give the other end of the connection, which tornado keeps beside what the headers claim."""
    context = getattr(request.connection, "context", None)
    return str(getattr(context, "_orig_remote_ip", None) or request.remote_ip)
