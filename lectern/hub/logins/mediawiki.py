"""MediaWiki, which speaks OAuth 1.0a: requests are signed, and there is no token to refresh.

References
----------
https://www.mediawiki.org/wiki/OAuth/For_Developers; RFC 5849.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import jwt
from oauthenticator.oauth2 import OAuthCallbackHandler
from oauthlib.oauth1 import Client
from tornado.httpclient import HTTPClientError
from traitlets import Unicode

from lectern.hub.language import Refusal
from lectern.hub.logins.oauth import UNCONFIRMED, OAuthWay, outages, unavailable
from lectern.hub.logins.visit import Person, ProviderDownError, SilentProviderError, Visit
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from jupyterhub.handlers import BaseHandler

_COOKIE = "lectern-mediawiki"
_LEEWAY_S = 60


class MediaWikiLogin(OAuthCallbackHandler):
    """Asks the wiki for a request token, keeps it in a cookie, leads to the wiki."""

    async def get(self) -> None:
        """Redirect to the wiki's question."""
        try:
            key, secret = await self.authenticator.request_token()
        except ProviderDownError as problem:
            raise unavailable(problem) from problem
        kept = json.dumps({"key": key, "secret": secret, "next": self.get_argument("next", "")})
        # SameSite is the browser's default, so that the cookie comes back with the wiki's redirect.
        self._set_cookie(_COOKIE, kept, expires_days=None)
        self.redirect(self.authenticator.question(key))


class MediaWikiCallback(OAuthCallbackHandler):
    """Takes the verifier that the wiki sends somebody back with."""

    _kept: dict[str, str] | None = None

    @property
    def kept(self) -> dict[str, str]:
        """Give what the cookie of `MediaWikiLogin` holds, once."""
        if self._kept is None:
            cookie = self.get_secure_cookie(_COOKIE, max_age_days=1)
            self.clear_cookie(_COOKIE)
            self._kept = json.loads(cookie) if cookie else {}
        return self._kept

    def check_arguments(self) -> None:
        """Check that it is the answer to this browser's question."""
        if not self.kept or self.kept["key"] != self.get_argument("oauth_token", ""):
            raise Refusal(400, to_translate("This login was not begun here. Please try again."))

    def get_state_cookie(self) -> str:
        """Give nothing: there is no OAuth 2.0 state."""
        return ""

    def get_argument(self, name: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - tornado's
        """Give `next` from before the wiki."""
        return self.kept.get("next", "") if name == "next" else super().get_argument(name, *rest, **more)


def _is_refusal(answer: bytes) -> bool:
    # Errors come with status 200: in words or as JSON when the wiki refuses, as a page when it is ill.
    return answer.lstrip().startswith((b"{", b"Error"))


class MediaWiki(OAuthWay):
    """Groups are the wiki's groups of users."""

    login_handler = MediaWikiLogin
    callback_handler = MediaWikiCallback

    url = Unicode(help="The wiki's index.php.").tag(config=True)

    async def _post(self, page: str, key: str = "", secret: str = "", verifier: str = "") -> bytes:
        client = Client(
            self.client_id,
            client_secret=self.client_secret,
            resource_owner_key=key or None,
            resource_owner_secret=secret or None,
            verifier=verifier or None,
            callback_uri=None if key else "oob",
        )
        address = f"{self.url}?{urlencode({'title': f'Special:OAuth/{page}'})}"
        url, headers, _ = client.sign(address, http_method="POST")
        with outages(self.title):
            answer = await self.httpfetch(url, parse_json=False, method="POST", headers=headers, body="")
        return bytes(answer.body)

    async def _token(self, *words: str) -> tuple[str, str]:
        said = await self._post(*words)
        answer = parse_qs(said.decode("utf-8", "replace"))
        if {"oauth_token", "oauth_token_secret"} <= answer.keys():
            return answer["oauth_token"][0], answer["oauth_token_secret"][0]
        if _is_refusal(said):
            raise Refusal(403, UNCONFIRMED, title=self.title)
        raise SilentProviderError(where=self.title, hint=repr(said[:80]))

    async def request_token(self) -> tuple[str, str]:
        """Begin a login: key and secret."""
        return await self._token("initiate")

    def question(self, key: str) -> str:
        """Give the page where somebody agrees."""
        words = {
            "title": "Special:OAuth/authenticate",
            "oauth_token": key,
            "oauth_consumer_key": self.client_id,
        }
        return f"{self.url}?{urlencode(words)}"

    async def visit(self, handler: BaseHandler, data: Any) -> Visit:  # noqa: ANN401, ARG002
        """Turn the verifier into a visit."""
        kept = handler.kept
        key, secret = await self._token(
            "token", kept["key"], kept["secret"], handler.get_argument("oauth_verifier", "")
        )
        person = await self._identify(key, secret)
        if person is None:
            raise Refusal(403, UNCONFIRMED, title=self.title)
        return Visit(person, {"key": key, "secret": secret})

    async def renew(self, state: dict[str, Any]) -> Visit | None:
        """Ask for somebody again; the wiki's answer says when they have taken back their consent."""
        try:
            person = await self._identify(state["key"], state["secret"])
        except HTTPClientError:
            return None
        return Visit(person, state) if person else None

    async def _identify(self, key: str, secret: str) -> Person | None:
        answer = await self._post("identify", key, secret)
        try:
            # MediaWikis send the id as a number, and PyJWT takes text only.
            identity = jwt.decode(
                answer,
                self.client_secret,
                audience=self.client_id,
                algorithms=["HS256"],
                leeway=_LEEWAY_S,
                options={"verify_sub": False},
            )
        except jwt.InvalidTokenError as problem:
            if _is_refusal(answer):
                return None
            raise SilentProviderError(where=self.title, hint=str(problem)) from problem
        if identity.get("blocked"):
            return None
        return Person(str(identity["sub"]), identity["username"], frozenset(identity.get("groups") or ()))
