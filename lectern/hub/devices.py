"""Browsers that somebody logged in on before, known by a signed cookie.

A neighbour behind the same address cannot slow such a browser down, and a guesser has none: the cookie is
given for a right password only, and is worth something for the names that it was given for alone.

References
----------
OWASP, Slow Down Online Guessing Attacks with Device Cookies.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyterhub.handlers.base import BaseHandler

_COOKIE = "lectern-device"
_KEPT_DAYS = 180

#: Names that one browser is known for; the one that logged in longest ago is forgotten first.
_NAMES = 20


@dataclass(frozen=True)
class Device:
    """A browser and marks of the names that logged in on it.

    Names are not readable in the cookie: the next person at the same computer learns none.
    """

    secret: str
    marks: tuple[str, ...] = ()

    @classmethod
    def read(cls, cookie: str) -> Device:
        """Read a cookie whose signature was right; without one it is a new browser."""
        secret, *marks = cookie.split() or [secrets.token_urlsafe(16)]
        return cls(secret, tuple(marks))

    def __str__(self) -> str:
        """Give what the cookie holds."""
        return " ".join((self.secret, *self.marks))

    def knows(self, name: str) -> bool:
        """Say whether somebody logged in by a name."""
        return self._mark(name) in self.marks

    def with_name(self, name: str) -> Device:
        """Note that somebody logged in by a name."""
        mark = self._mark(name)
        others = [other for other in self.marks if other != mark]
        return Device(self.secret, (*others, mark)[-_NAMES:])

    def _mark(self, name: str) -> str:
        return hashlib.sha256(f"{self.secret} {name}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def device_of(handler: BaseHandler) -> Device:
    """Give the browser that a request comes from."""
    cookie = handler.get_secure_cookie(_COOKIE, max_age_days=_KEPT_DAYS)
    return Device.read(cookie.decode() if cookie else "")


def remember(handler: BaseHandler, name: str) -> None:
    """Let the browser be known for a name from now on."""
    cookie = str(device_of(handler).with_name(name))
    # Only the hub's own pages get it, never a participant's server.
    handler._set_cookie(  # noqa: SLF001 - the one way of JupyterHub's to set one
        _COOKIE, cookie, expires_days=_KEPT_DAYS, path=handler.hub.base_url
    )
