"""Handlers that somebody could guess at: each try is counted, and refused with the seconds to wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from jupyterhub.apihandlers.users import UserTokenListAPIHandler
from jupyterhub.handlers.base import BaseHandler
from tornado import web

from lectern.hub import devices
from lectern.hub.addresses import Addresses
from lectern.hub.guessing import Guesses
from lectern.hub.language import Refusal, translation_of
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lectern.settings import Settings


class Guard:
    """What an installation's guarded handlers share."""

    def __init__(self, settings: Settings) -> None:
        self.guesses = Guesses(settings.participants, time.monotonic)
        self.addresses = Addresses(
            [address.strip() for address in settings.trusted_proxies.split(",") if address.strip()]
        )

    async def login(
        self,
        handler: BaseHandler,
        name: str,
        attempt: Callable[[], Awaitable[Any]],
        *,
        elsewhere: str = "",
    ) -> Any:  # noqa: ANN401 - what JupyterHub's logins give
        """Try a login by a password, unless its turn has not come.

        Parameters
        ----------
        handler : BaseHandler
            Asked for it.
        name : str
            Whose password is tried, the same however it was typed.
        attempt : callable
            Tries it; gives something false when it was wrong.
        elsewhere : str
            The way whose institution looks at it, which knows names that the hub does not. An equal name
            there is somebody else's: its tries count apart.

        Raises
        ------
        TooManyTriesError
            With the seconds to wait. What the attempt raises is handed on, and does not count.
        """
        address = await self.addresses.of(handler.request)
        is_known = orm.User.find(handler.db, name[:255]) is not None
        counted = f"{elsewhere}:{name}" if elsewhere else name
        browser = devices.device_of(handler)
        device = browser.secret if browser.knows(counted) else ""
        if wait_s := self.guesses.begin_login(
            counted, address, is_known=is_known, is_elsewhere=bool(elsewhere), device=device
        ):
            text = to_translate("There were too many wrong passwords. Please try again in {seconds} seconds.")
            raise too_many(handler, text, wait_s)
        try:
            authenticated = await attempt()
        except Exception as problem:
            if not _says_no(problem):
                self.guesses.take_back(
                    counted, address, is_known=is_known, is_elsewhere=bool(elsewhere), device=device
                )
            raise
        if authenticated:
            self.guesses.login_succeeded(counted, address, device=device)
            devices.remember(handler, counted)
        return authenticated


def _says_no(problem: Exception) -> bool:
    """Say whether an error may mean a wrong password: a class of the operator's can answer so.

    A `Refusal` never does: the provider is away, we are overloaded, or who knows the password may not enter.
    """
    if not isinstance(problem, web.HTTPError) or isinstance(problem, Refusal):
        return False
    return 400 <= problem.status_code < 500  # noqa: PLR2004 - HTTP's classes


class TooManyTriesError(web.HTTPError):
    """Somebody has to wait; the page says how long."""

    def __init__(self, sentence: str, wait_s: int) -> None:
        super().__init__(429, "%s", sentence, reason="Too Many Requests")
        self.headers = {"Retry-After": str(wait_s)}
        self.jupyterhub_message = sentence


def too_many(handler: BaseHandler, text: str, wait_s: int) -> TooManyTriesError:
    """Tell the seconds to wait in the reader's language."""
    return TooManyTriesError(translation_of(handler).gettext(text).format(seconds=wait_s), wait_s)


class GuardedHandler(BaseHandler):
    """A handler whose logins and codes are counted."""

    @property
    def guard(self) -> Guard:
        """The installation's counts."""
        guard: Guard = self.authenticator.guard
        return guard

    async def authenticate(self, data: Any) -> Any:  # noqa: ANN401 - as JupyterHub has it
        """Try a login, whichever way it goes, unless its turn has not come.

        Raises
        ------
        TooManyTriesError
            With the seconds to wait.
        """
        if not isinstance(data, dict) or "password" not in data:
            authenticated = await super().authenticate(data)  # not a password: nothing to guess
            if authenticated:
                devices.remember(self, authenticated["name"])  # who just chose one, and types it next time
            return authenticated
        name = self.authenticator.normalize_username(str(data.get("username", "")))
        attempt = super().authenticate
        return await self.guard.login(self, name, lambda: attempt(data))

    async def require_turn(self) -> None:
        """Refuse a code as long as its address has to wait.

        Raises
        ------
        TooManyTriesError
            With the seconds to wait.
        """
        if wait_s := self.guard.guesses.code_wait_s(await self.guard.addresses.of(self.request)):
            text = to_translate(
                "Too many wrong codes came from your network. Please try again in {seconds} seconds."
            )
            raise too_many(self, text, wait_s)

    async def count_wrong_code(self) -> None:
        """Count a code that nobody made."""
        self.guard.guesses.code_failed(await self.guard.addresses.of(self.request))


class TokensApi(GuardedHandler, UserTokenListAPIHandler):
    """/hub/api/users/<name>/tokens: JupyterHub's own, where git's passwords are checked."""

    _refusal: TooManyTriesError | None = None

    async def authenticate(self, data: Any) -> Any:  # noqa: ANN401
        """Try a login, and keep why it was not tried: JupyterHub makes a bare 403 of it."""
        try:
            return await super().authenticate(data)
        except TooManyTriesError as refusal:
            self._refusal = refusal
            raise

    async def post(self, user_name: str) -> None:
        """Make a token."""
        try:
            await super().post(user_name)
        except web.HTTPError:
            if self._refusal:
                raise self._refusal from None
            raise
