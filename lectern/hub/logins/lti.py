"""A learning platform's launch, LTI 1.3: somebody clicks in Moodle, ILIAS or Canvas and is here.

References
----------
IMS LTI Core 1.3 (5.3, 5.4: deployment, roles), IMS Security Framework 1.0 (5.1).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import jwt
from jupyterhub.utils import url_path_join
from ltiauthenticator.lti13.auth import LTI13Authenticator
from ltiauthenticator.lti13.error import InvalidAudienceError, TokenError, ValidationError
from ltiauthenticator.lti13.handlers import LTI13CallbackHandler, LTI13LoginInitHandler
from ltiauthenticator.lti13.validator import LTI13LaunchValidator
from ltiauthenticator.utils import convert_request_to_dict
from tornado import web
from traitlets import Unicode

from lectern.hub.language import Refusal
from lectern.hub.logins.oauth import unavailable
from lectern.hub.logins.visit import Person, ProviderDownError, SilentProviderError, Visit
from lectern.login_settings import words
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from jupyterhub.handlers import BaseHandler

#: Clocks of two machines differ; a platform whose clock is ahead must not lock its course out.
_LEEWAY_S = 30
_KEYS_S, _PATIENCE_S = 6, 10
_CALLS_AT_ONCE = 4

_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_IN_COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


class _CrossSite:
    """Cookies that come back with the platform's form, where the browser allows it: over TLS."""

    def _set_cookie(self, key: str, value: Any, **overrides: Any) -> None:  # noqa: ANN401 - JupyterHub's
        if self.authenticator.uri_scheme == "https":  # type: ignore[attr-defined]
            overrides = {**overrides, "samesite": "None", "secure": True}
        super()._set_cookie(key, value, **overrides)  # type: ignore[misc]


class LaunchBegins(_CrossSite, LTI13LoginInitHandler):
    """The platform announces somebody; they are sent back to it for a signed word."""


class LaunchComes(LTI13CallbackHandler):
    """The platform's signed word about somebody."""

    async def post(self) -> None:
        """Check the word, log in, lead on."""
        args = convert_request_to_dict(self.request.arguments)
        validator = LTI13LaunchValidator(parent=self.app, time_leeway=_LEEWAY_S)
        try:
            validator.validate_auth_response(args)
            self.check_state()
            told = await self.authenticator.decode(args["id_token"])
            validator.validate_id_token(told)
            validator.validate_azp_claim(told, self.authenticator.client_id)
            self.check_nonce(told)
        except InvalidAudienceError as problem:
            raise web.HTTPError(401, str(problem)) from problem
        except ValidationError as problem:
            raise web.HTTPError(400, str(problem)) from problem
        except ProviderDownError as problem:
            raise unavailable(problem) from problem
        user = await self.login_user(told)
        if user is None:
            raise Refusal(403, to_translate("You may not log in here. Please ask your teacher."))
        self.redirect(self.get_next_url(user))

    def get_next_url(self, user: Any = None) -> str:  # noqa: ANN401 - JupyterHub's
        """Give the page that the launch names; a platform often names the login itself."""
        usual = super().get_next_url(user)
        home = self.hub.base_url
        return home if usual.startswith(f"{home}{self.authenticator.prefix}/") else usual


class LearningPlatform(LTI13Authenticator):
    """Groups are the label of the course (``DL101``) and it with one's role there (``DL101/Instructor``)."""

    title = Unicode(help="What people call the platform.").tag(config=True)
    deployments = Unicode(help="Deployment ids that may enter, commas between.").tag(config=True)
    prefix = Unicode(help="Where the pages are.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._threads = ThreadPoolExecutor(_CALLS_AT_ONCE, "lti")
        self._keys = jwt.PyJWKClient(self.jwks_endpoint, timeout=_KEYS_S, lifespan=3600)

    def pages(self) -> list[tuple[str, type[BaseHandler]]]:
        """Give the pages below the way's own prefix."""
        return [("/login", LaunchBegins), ("/callback", LaunchComes)]

    def callback_url(self, base_url: str) -> str:
        """Give the page that the platform posts to."""
        return str(url_path_join(base_url, self.prefix, "callback"))

    async def decode(self, id_token: str) -> dict[str, Any]:
        """Check the platform's signature, its name, ours and the dates; the key is fetched in a thread.

        Raises
        ------
        ValidationError
            The word does not hold.
        SilentProviderError
            The platform's keys cannot be had.
        """
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._decode, id_token)
        try:
            return await asyncio.wait_for(work, _PATIENCE_S)
        except (jwt.PyJWKClientConnectionError, TimeoutError) as problem:
            raise SilentProviderError(where=self.title, hint=repr(problem)) from problem
        except jwt.InvalidAudienceError as problem:
            raise InvalidAudienceError(str(problem)) from problem
        except jwt.PyJWTError as problem:
            raise TokenError(str(problem)) from problem

    def _decode(self, id_token: str) -> dict[str, Any]:
        told: dict[str, Any] = jwt.decode(
            id_token,
            self._keys.get_signing_key_from_jwt(id_token).key,
            algorithms=self.jwks_algorithms,
            audience=self.client_id,
            issuer=self.issuer,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "nonce", "sub"]},
        )
        return told

    async def visit(self, handler: BaseHandler, data: Any) -> Visit:  # noqa: ANN401, ARG002
        """Read the word; it must come from a deployment that may enter."""
        deployment = str(data.get(f"{_CLAIM}deployment_id", ""))
        if deployment not in words(self.deployments):
            text = to_translate("This place in the learning platform is not connected to Lectern.")
            raise Refusal(403, text)
        label = str((data.get(f"{_CLAIM}context") or {}).get("label") or "")
        roles = [str(role) for role in data.get(f"{_CLAIM}roles") or []]
        groups = {f"{label}/{role.removeprefix(_IN_COURSE)}" for role in roles if role.startswith(_IN_COURSE)}
        # The e-mail address and the name depend on the platform's privacy setting; sub does not.
        name = data.get("preferred_username") or data.get("email") or data.get("name") or ""
        person = Person(data["sub"], name, frozenset({label, *groups} if label else ()))
        return Visit(person, {"subject": person.subject, "name": name, "groups": sorted(person.groups)})

    async def renew(self, state: dict[str, Any]) -> Visit:
        """Give what the last launch said: a platform is not asked, it announces."""
        return Visit(Person(state["subject"], state["name"], frozenset(state["groups"])), state)
