"""An LDAP directory: find somebody, try their password, read their groups.

ldap3 waits for the network where it is called, so it is called in threads of its own, few and with time-outs.

References
----------
RFC 4511 (LDAP), 4513 (5.1.2: a name with an empty password is nobody), 4515 (filters), 4530 (entryUUID).
"""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import ldap3
from jupyterhub.auth import Authenticator
from ldap3.core.exceptions import LDAPBindError, LDAPException
from ldap3.utils.conv import escape_filter_chars
from traitlets import Unicode

from lectern.hub.logins.visit import Person, ProviderDownError, SilentProviderError, Visit
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyterhub.handlers import BaseHandler

_CONNECT_S, _ANSWER_S, _PATIENCE_S = 4, 6, 10
_CALLS_AT_ONCE = 8

#: How long one waits for a free thread: a class that comes at once, at a directory that takes its time.
_TURN_S = 15

_NAME_LONGEST = 128

#: Results that are answers (RFC 4511, A.1): success, more than were asked for, no such entry.
_ANSWERS = {0, 4, 32}

#: Results that say nothing about the password: busy, unavailable.
_OVERLOADED = {51, 52}

#: Attributes that never change and are never given again, of OpenLDAP and others, and of Active Directory.
_STABLE_IDS = ("entryUUID", "objectGUID", "nsUniqueId")


class Directory(Authenticator):
    """Groups are those of the directory, by their cn."""

    title = Unicode(help="What people call the directory.").tag(config=True)
    url = Unicode(help="ldaps:// or ldap://, which turns to TLS first.").tag(config=True)
    base = Unicode(help="Where people are.").tag(config=True)
    group_base = Unicode(help="Where groups are.").tag(config=True)
    attribute = Unicode("uid", help="What people type as their name.").tag(config=True)
    bind_dn = Unicode(help="Who searches; nobody in particular when empty.").tag(config=True)
    bind_password = Unicode(help="Their password.").tag(config=True)
    ca_file = Unicode(help="Certificates that are trusted; the system's when empty.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, "ldap")
        self._free = asyncio.Semaphore(_CALLS_AT_ONCE)

    async def visit(self, handler: BaseHandler, data: Any) -> Visit | None:  # noqa: ANN401, ARG002
        """Check name and password; None when they do not fit."""
        name = str(data.get("username", "")).strip()
        password = str(data.get("password", ""))
        # RFC 4513 5.1.2: a directory says yes to an empty password.
        if not name or not password or len(name) > _NAME_LONGEST or "\x00" in name + password:
            return None
        return await self._call(self._log_in, name, password)

    async def renew(self, state: dict[str, Any]) -> Visit | None:
        """Look whether somebody is still there, and in which groups."""
        return await self._call(self._look_again, state["dn"])

    async def _call(self, work: Any, *words: str) -> Visit | None:  # noqa: ANN401
        try:
            await asyncio.wait_for(self._free.acquire(), _TURN_S)
        except TimeoutError as problem:
            raise SilentProviderError(where=self.title, hint="all threads are waiting") from problem
        try:
            running = asyncio.get_running_loop().run_in_executor(self._threads, work, *words)
            return await asyncio.wait_for(running, _PATIENCE_S)
        except (LDAPException, OSError, TimeoutError) as problem:
            raise SilentProviderError(where=self.title, hint=repr(problem)) from problem
        finally:
            self._free.release()

    # --- in a thread ---------------------------------------------------------------------------------

    @contextmanager
    def _bound(self, user: str, password: str) -> Iterator[ldap3.Connection]:
        address = urlsplit(self.url)
        is_tls = address.scheme == "ldaps"
        trusted = self.ca_file or ssl.get_default_verify_paths().cafile
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=trusted)
        server = ldap3.Server(
            address.hostname,
            port=address.port or (636 if is_tls else 389),
            use_ssl=is_tls,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=_CONNECT_S,
        )
        connection = ldap3.Connection(
            server,
            user=user or None,
            password=password or None,
            receive_timeout=_ANSWER_S,
            auto_referrals=False,  # a referral would take the password elsewhere
        )
        try:
            connection.open(read_server_info=False)
            if not is_tls:
                connection.start_tls(read_server_info=False)
            if not connection.bind(read_server_info=False):
                self._refuse(connection)
            yield connection
        finally:
            connection.unbind()
            if connection.socket is not None:  # left open by ldap3 when the connection failed
                connection.socket.close()

    def _refuse(self, connection: ldap3.Connection) -> None:
        hint = f"{connection.result['description']} {connection.result['message']}"
        if connection.result["result"] in _OVERLOADED:
            raise SilentProviderError(where=self.title, hint=hint)
        raise LDAPBindError(hint)

    @contextmanager
    def _searching(self) -> Iterator[ldap3.Connection]:
        try:
            with self._bound(self.bind_dn, self.bind_password) as connection:
                yield connection
        except LDAPBindError as problem:  # our own account, not the person's
            raise ProviderDownError(
                to_translate("refuses Lectern's own account"), where=self.title, hint=str(problem)
            ) from problem

    def _log_in(self, name: str, password: str) -> Visit | None:
        with self._searching() as connection:
            wanted = f"({self.attribute}={escape_filter_chars(name)})"
            found = self._search(connection, self.base, wanted)
            if len(found) != 1:
                return None
            visit = self._visit(connection, found[0])
        try:
            with self._bound(found[0]["dn"], password):
                return visit
        except LDAPBindError:
            return None

    def _look_again(self, dn: str) -> Visit | None:
        with self._searching() as connection:
            found = self._search(connection, dn, "(objectClass=*)", ldap3.BASE)
            return self._visit(connection, found[0]) if found else None

    def _search(
        self, connection: ldap3.Connection, base: str, wanted: str, scope: str = ldap3.SUBTREE
    ) -> list[dict[str, Any]]:
        connection.search(base, wanted, scope, attributes=[self.attribute, *_STABLE_IDS], size_limit=2)
        return self._entries(connection)

    def _entries(self, connection: ldap3.Connection) -> list[dict[str, Any]]:
        if connection.result["result"] not in _ANSWERS:
            hint = f"{connection.result['description']} {connection.result['message']}"
            raise ProviderDownError(to_translate("does not answer our search"), where=self.title, hint=hint)
        return [entry for entry in connection.response or () if entry["type"] == "searchResEntry"]

    def _visit(self, connection: ldap3.Connection, entry: dict[str, Any]) -> Visit:
        dn, raw = entry["dn"], entry["raw_attributes"]
        stable = next((raw[name][0] for name in _STABLE_IDS if raw.get(name)), b"")
        name = raw[self.attribute][0].decode("utf-8", "replace") if raw.get(self.attribute) else dn
        subject = stable.decode() if stable.isascii() else stable.hex()  # Active Directory's is binary
        member, uid = escape_filter_chars(dn), escape_filter_chars(name)
        wanted = f"(|(member={member})(uniqueMember={member})(memberUid={uid}))"
        connection.search(self.group_base or self.base, wanted, attributes=["cn"])
        groups = {
            cn.decode("utf-8", "replace")
            for group in self._entries(connection)
            for cn in group["raw_attributes"]["cn"]
        }
        return Visit(Person(subject or dn.casefold(), name, frozenset(groups)), {"dn": dn})
