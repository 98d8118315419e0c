"""What all OAuth 2.0 services share: tokens, time-outs, asking again.

OAuthenticator's handlers do state, PKCE and redirects, its methods the token exchange; who somebody is
and which groups they are in is asked here, so that each service is a few lines (services.py).
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyterhub.handlers import BaseHandler  # noqa: TC002 - for readers
from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthenticator, OAuthLoginHandler
from requests.utils import parse_header_links
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from traitlets import Bool, Unicode, default

from lectern.errors import LecternError
from lectern.hub.language import Refusal
from lectern.hub.logins.visit import Person, ProviderDownError, SilentProviderError, Visit
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

UNCONFIRMED = to_translate("{title} did not confirm your login. Please try again.")

_CONNECT_S, _ANSWER_S = 4, 8
_CALLS_AT_ONCE = 20
_TOO_MANY_REQUESTS, _SERVER_ERROR, _UNAUTHORIZED, _FORBIDDEN, _ERROR = 429, 500, 401, 403, 400

#: A token that ran out, with none to renew it: how long somebody is not asked for before they log in again.
_WORKING_DAY_S = 12 * 3600


@contextmanager
def outages(title: str) -> Iterator[None]:
    """Turn whatever says that a provider is away into one error.

    Raises
    ------
    SilentProviderError
        No connection, no answer in time, an answer that is none, too many requests, or its own error.
    """
    try:
        yield
    except HTTPClientError as problem:
        if problem.code >= _SERVER_ERROR or problem.code == _TOO_MANY_REQUESTS:
            raise SilentProviderError(where=title, hint=str(problem)) from problem
        raise
    except (OSError, ValueError, KeyError) as problem:
        raise SilentProviderError(where=title, hint=repr(problem)) from problem


def unavailable(problem: ProviderDownError) -> web.HTTPError:
    """Say in a page that a provider is away, without the hint."""
    text = to_translate("{service} {what}. Please try again in a minute, or log in another way.")
    return Refusal(503, text, service=problem.where, what=LecternError(problem.texts[0]))


class OAuthLogin(OAuthLoginHandler):
    """Leads to the service."""

    async def get(self) -> None:
        """Redirect, when it is known where to."""
        try:
            await self.authenticator.discover()
        except ProviderDownError as problem:
            raise unavailable(problem) from problem
        super().get()


class OAuthWay(OAuthenticator):
    """A service with OAuth 2.0."""

    login_handler = OAuthLogin
    callback_handler = OAuthCallbackHandler

    title = Unicode(help="What people call the service.").tag(config=True)
    wants_groups = Bool(help="Whether groups are asked for: a rule needs them.").tag(config=True)

    @default("http_client")
    def _own_client(self) -> AsyncHTTPClient:
        # Its own connections: a silent service must not hold up the hub's calls to its proxy.
        return AsyncHTTPClient(force_instance=True, max_clients=_CALLS_AT_ONCE)

    @default("http_request_kwargs")
    def _time_outs(self) -> dict[str, Any]:
        return {"connect_timeout": _CONNECT_S, "request_timeout": _ANSWER_S}

    def pages(self) -> list[tuple[str, type[BaseHandler]]]:
        """Give the pages below the way's own prefix."""
        return [("/login", self.login_handler), ("/callback", self.callback_handler)]

    async def discover(self) -> None:
        """Learn addresses that are not settings; nothing to learn by default."""

    async def describe(self, token: dict[str, Any]) -> Person:
        """Ask who a token is for, and for their groups where a rule needs them."""
        raise NotImplementedError

    # --- logging in and asking again -----------------------------------------------------------------

    async def visit(self, handler: BaseHandler, data: Any) -> Visit:  # noqa: ANN401 - JupyterHub's
        """Turn the code that somebody brought back into a visit.

        Raises
        ------
        ProviderDownError
            The service does not answer.
        HTTPError
            The service does not know the code.
        """
        with outages(self.title):
            await self.discover()
            try:
                token = await self.get_token_info(
                    handler, self.build_access_tokens_request_params(handler, data)
                )
                return await self._visit(token)
            except HTTPClientError as problem:
                if problem.code < _SERVER_ERROR and problem.code != _TOO_MANY_REQUESTS:
                    raise Refusal(403, UNCONFIRMED, title=self.title) from problem
                raise
            except web.HTTPError as problem:
                if problem.status_code == _FORBIDDEN:  # GitHub answers with status 200 and an error inside
                    raise Refusal(403, UNCONFIRMED, title=self.title) from problem
                raise

    async def renew(self, state: dict[str, Any]) -> Visit | None:
        """Ask for somebody again, with a new token where the old one has run out.

        Raises
        ------
        ProviderDownError
            The service cannot be asked now.
        """
        token = state["token"]
        with outages(self.title):
            await self.discover()
            try:
                return await self._visit(token)
            except HTTPClientError as problem:
                if not _ERROR <= problem.code < _SERVER_ERROR or problem.code == _TOO_MANY_REQUESTS:
                    raise
                if problem.code != _UNAUTHORIZED:
                    return None
            if token.get("refresh_token"):
                return await self._renew_token(token)
        ran_out = token["obtained"] + float(token.get("expires_in") or "inf")
        if ran_out <= time.time() < token["obtained"] + _WORKING_DAY_S:
            raise ProviderDownError(
                to_translate("cannot be asked"), where=self.title, hint="the token has run out"
            )
        return None

    async def _renew_token(self, token: dict[str, Any]) -> Visit | None:
        try:
            fresh = await self.get_token_info(
                None, self.build_refresh_token_request_params(token["refresh_token"])
            )
            kept = {name: token[name] for name in ("refresh_token", "id_token", "claims") if name in token}
            if "id_token" in fresh:
                kept.pop("claims", None)
            return await self._visit(kept | fresh)
        except (HTTPClientError, web.HTTPError) as problem:
            code = problem.code if isinstance(problem, HTTPClientError) else problem.status_code
            if code >= _SERVER_ERROR or code == _TOO_MANY_REQUESTS:
                raise SilentProviderError(where=self.title, hint=str(problem)) from problem
            return None

    async def _visit(self, token: dict[str, Any]) -> Visit:
        token = {"obtained": time.time(), **token}
        return Visit(await self.describe(token), {"token": token})

    # --- asking the service --------------------------------------------------------------------------

    async def ask(self, url: str, token: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Get a JSON answer with somebody's token."""
        return json.loads((await self._get(url, token)).body)

    async def ask_pages(self, url: str, token: dict[str, Any]) -> AsyncIterator[Any]:
        """Get a list that comes in pages, each entry in turn."""
        here = urlsplit(url)[:2]
        while url:
            answer = await self._get(url, token)
            for entry in json.loads(answer.body):
                yield entry
            links = parse_header_links(answer.headers.get("Link", ""))
            url = next((link["url"] for link in links if link.get("rel") == "next"), "")
            if url and urlsplit(url)[:2] != here:
                return  # the token is for this host only

    async def _get(self, url: str, token: dict[str, Any]) -> Any:  # noqa: ANN401 - tornado's response
        headers = self.build_userdata_request_headers(
            token["access_token"], token.get("token_type", "Bearer")
        )
        return await self.httpfetch(url, parse_json=False, headers=headers)
