"""What the service asks the hub: who somebody is, and which courses there are."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from lectern import names
from lectern.builder.service.access import Course, Person
from lectern.errors import HubError
from lectern.web.translation import to_translate

_TIMEOUT_S = 10
#: A push is three requests; a person who lost a role loses it here after this.
_KNOWN_FOR_S = 60
_MOST_KNOWN = 500
_SCOPES = {"access:services", f"access:services!service={names.SERVICE}"}
_REFUSED = (400, 401, 403, 404)


@dataclass
class HubAPI:
    """The hub's REST interface, as this service uses it.

    Parameters
    ----------
    url : str
        Ends with /hub/api.
    token : str
        The service's own.
    """

    url: str
    token: str
    _known: dict[str, tuple[float, Person]] = field(default_factory=dict, repr=False)

    async def person_of_login(self, name: str, password: str) -> Person | None:
        """Find who logs in with a name and a password, or with a token of the hub as the password.

        Returns
        -------
        Person | None
            None: the hub does not know them by that.

        Raises
        ------
        HubError
            The hub does not answer.
        """
        if not password:
            return None
        # The hash alone is kept: what is in memory cannot be used to log in.
        key = hashlib.sha256(f"{self.token}\0{name}\0{password}".encode("utf-8", "surrogatepass")).hexdigest()
        until, person = self._known.get(key, (0.0, Person("")))
        if time.monotonic() < until:
            return person
        found = await self._owner_of_token(password)
        if found is not None and name not in ("", found, "token", "oauth2"):
            found = None
        if found is None:
            found = await self._name_of_password(name, password)
        if found is None:
            return None
        person = await self.person(found)
        while len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[key] = (time.monotonic() + _KNOWN_FOR_S, person)
        return person

    async def person(self, name: str) -> Person:
        """Give what the hub knows of somebody.

        Raises
        ------
        HubError
            There is no such person, or the hub does not answer.
        """
        model = await self._ask("GET", f"users/{quote(name, safe='')}")
        return Person(str(model["name"]), bool(model.get("admin")), frozenset(model.get("groups", ())))

    async def courses(self) -> tuple[Course, ...]:
        """Give all courses.

        Raises
        ------
        HubError
            The hub does not answer.
        """
        listed = (await self._ask("GET", "lectern/courses"))["courses"]
        return tuple(Course(str(entry["name"]), tuple(map(str, entry["environments"]))) for entry in listed)

    async def add_environment(self, course: str, environment: str) -> None:
        """Let a course use an environment."""
        await self._ask(
            "POST", f"lectern/courses/{quote(course, safe='')}/environments", {"environment": environment}
        )

    async def _owner_of_token(self, token: str) -> str | None:
        # A token holds no blanks and the like; a password that does is not sent as a header.
        if not token.isascii() or not token.isalnum():
            return None
        answer = await self._send("GET", "user", token=token)
        if answer.code in _REFUSED:
            return None
        model = _read(answer)
        is_person = model.get("kind") == "user" and _SCOPES & set(model.get("scopes", ()))
        return str(model["name"]) if is_person else None

    async def _name_of_password(self, name: str, password: str) -> str | None:
        answer = await self._send(
            "POST",
            f"users/{quote(name, safe='')}/tokens",
            {"auth": {"username": name, "password": password}, "expires_in": 60, "note": "git"},
        )
        if answer.code in _REFUSED:
            return None
        made = _read(answer)
        # It has told who logs in, and nobody needs it any more.
        path = f"users/{quote(str(made['user']), safe='')}/tokens/{made['id']}"
        await self._send("DELETE", path, token=str(made["token"]))
        return str(made["user"])

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return _read(await self._send(method, path, body, token=self.token))

    async def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = ""
    ) -> HTTPResponse:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"token {token}"} if token else {}
        )
        request = HTTPRequest(
            f"{self.url}/{path}",
            method=method,
            headers=headers,
            body=json.dumps(body) if body is not None else None,
            allow_nonstandard_methods=True,
            request_timeout=_TIMEOUT_S,
            connect_timeout=_TIMEOUT_S,
        )
        try:
            return await AsyncHTTPClient().fetch(request, raise_error=False)
        except (TimeoutError, HTTPClientError, OSError) as problem:
            raise _silent(problem) from problem


def _read(answer: HTTPResponse) -> dict[str, Any]:
    if answer.code >= 400:  # noqa: PLR2004 - HTTP: an error
        try:
            said = str(json.loads(answer.body)["message"])
        except (ValueError, KeyError, TypeError):
            said = answer.reason
        raise HubError(
            to_translate("does not do it ({status}: {reason})"),
            where="hub",
            hint=to_translate("`make status` shows whether it runs"),
            status=answer.code,
            reason=said,
        )
    try:
        return dict(json.loads(answer.body)) if answer.body else {}
    except ValueError as problem:
        raise _silent(problem) from problem


def _silent(problem: Exception) -> HubError:
    return HubError(
        to_translate("does not answer ({reason})"),
        where="hub",
        hint=to_translate("try again in a minute; `make status` shows whether it runs"),
        reason=problem,
    )
