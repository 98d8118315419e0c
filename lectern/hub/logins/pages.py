"""The pages of the ways to log in, and what they share: admission, linking, where to next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from tornado import web
from tornado.httputil import url_concat

from lectern.hub import courses
from lectern.hub.entry import FirstLoginHandler
from lectern.hub.language import Refusal
from lectern.hub.roles import group_names
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from jupyterhub import orm

    from lectern.hub.logins.dispatcher import OpenWay, WayDispatcher

_LINKING = "lectern-linking"
_LINKING_S = 600


@dataclass(frozen=True)
class ShownWay:
    """A way as a page shows it: `kind` is button, form (leads to a form of its own) or launch (no link)."""

    key: str
    title: str
    kind: str
    url: str  # below the hub's base; `?next=` may follow

    @classmethod
    def of(cls, way: OpenWay) -> ShownWay:
        """Show a way; one of the operator's own says itself where it begins."""
        prefix = f"/hub/{way.plan.key}"
        is_own = way.asked is not way.authenticator
        url = way.authenticator.login_url(prefix) if is_own else f"{prefix}/login"
        return cls(way.plan.key, way.plan.title, way.plan.kind, url)


class _Entering:
    """Mixed into a way's own handlers: its Authenticator is the way's, whoever comes is admitted by ours."""

    authenticator: Any
    dispatcher: WayDispatcher
    way: str

    async def refresh_auth(self, user: Any, force: bool = False) -> Any:  # noqa: ANN401, ARG002
        """Ask nobody again: these pages are the way in, and their Authenticator is the way's alone."""
        return user

    async def authenticate(self, data: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JupyterHub's
        """Ask the dispatcher instead of the way's Authenticator alone; passwords are counted as ours are."""
        if not isinstance(data, dict) or "password" not in data:
            return await self.dispatcher.admit(self, self.way, data)  # a provider's answer: nothing to guess
        name = self.dispatcher.normalize_username(str(data.get("username", "")))
        admitted: dict[str, Any] | None = await self.dispatcher.guard.login(
            cast("BaseHandler", self),
            name,
            lambda: self.dispatcher.admit(self, self.way, data),
            elsewhere=self.way,
        )
        return admitted

    def get_next_url(self, user: Any = None, default: Any = None) -> str:  # noqa: ANN401
        """Give the page after login; whoever is in no course is asked for its code first."""
        handler: Any = self
        usual = super().get_next_url(user) if user else super().get_next_url(user, default)  # type: ignore[misc]
        usual = handler._validate_next_url(usual) or handler.hub.base_url  # noqa: SLF001 - JupyterHub's guard
        if links_to(handler) is not None:
            handler.clear_cookie(_LINKING)
            return f"{handler.hub.base_url}logins"
        asks_for_code = f"{handler.hub.base_url}join"
        if user is not None and not usual.startswith(asks_for_code) and not user.admin:
            groups = group_names(user.orm_user)
            if courses.course_of(handler.db, groups) is None:
                return url_concat(asks_for_code, {"next": usual})
        return str(usual)


class FormLogin(LoginHandler):
    """Name and password of an institution, on a page of their own."""

    shown: ShownWay

    async def get(self) -> None:
        """Show the form, also to somebody who is logged in and links this way."""
        if links_to(self) is None:
            await super().get()
        else:
            self.finish(await self._render())

    def render_template(self, name: str, **values: Any) -> Any:  # noqa: ANN401
        """Show the institution's form wherever JupyterHub shows its own."""
        page = "login-form.html" if name == "login.html" else name
        # JupyterHub renders the form again within an error's page, with these already there.
        values |= {"title": self.shown.title, "action": self.request.path}
        return super().render_template(page, **values)


def pages_of(way: OpenWay, dispatcher: WayDispatcher, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401
    """Give a way's pages below its prefix, each of them admitting by the dispatcher."""
    made = way.authenticator
    own = made.pages() if hasattr(made, "pages") else made.get_handlers(app)
    known = {
        "authenticator": made,
        "dispatcher": dispatcher,
        "way": way.plan.key,
        "shown": ShownWay.of(way),
    }
    forms = {LoginHandler: FormLogin}
    return [
        (f"/{way.plan.key}{path}", type(page.__name__, (_Entering, forms.get(page, page)), known))
        for path, page, *_ in own
        if not issubclass(page, LogoutHandler)
    ]


def links_to(handler: Any) -> orm.User | None:  # noqa: ANN401 - JupyterHub's handler
    """Give whom a login is linked to: whoever is logged in and asked for it on this browser just now."""
    asked = handler.get_secure_cookie(_LINKING, max_age_days=_LINKING_S / 86_400)
    user = handler.current_user
    is_theirs = asked is not None and user is not None and asked.decode() == user.cookie_id
    return user.orm_user if is_theirs else None


class LoginPage(FirstLoginHandler):
    """/hub/login: all ways, or straight to the only one; `?password` shows the form to the admin."""

    async def get(self) -> None:
        """Show the page, or lead on."""
        only = self.authenticator.only_way
        if only and not self.current_user and self.get_argument("password", None) is None:
            following = self.get_argument("next", "")
            self.redirect(url_concat(only.url, {"next": following}) if following else only.url)
            return
        await super().get()


class LogoutPage(LogoutHandler):
    """/hub/logout: ends the session here, and at the provider where that can be."""

    _leave_by = ""

    async def default_handle_logout(self) -> None:
        """Remember the provider before the user is forgotten."""
        if self.current_user:
            self._leave_by = self.authenticator.logout_address(await self.current_user.get_auth_state())
        await super().default_handle_logout()

    async def render_logout_page(self) -> None:
        """Lead to the provider's page; without one, to the login page or, if that leads away, to ours."""
        if self._leave_by:
            self.redirect(self._leave_by)
        elif self.authenticator.only_way:
            self.finish(await self.render_template("logout.html"))
        else:
            await super().render_logout_page()


class LoginsPage(BaseHandler):
    """/hub/logins: which ways lead to one's account; another one is linked by POST."""

    @web.authenticated
    async def get(self) -> None:
        """Show them."""
        linked = self.authenticator.linked(self.current_user.orm_user)
        xsrf = self.xsrf_token.decode("ascii")
        html = await self.render_template(
            "logins.html", ways=self.authenticator.ways, linked=linked, xsrf=xsrf
        )
        self.finish(html)

    @web.authenticated
    async def post(self) -> None:
        """Begin to link: whoever comes back by this way within minutes is this user from now on."""
        asked = self.get_body_argument("way", "")
        way = next((way for way in self.authenticator.ways if way.key == asked), None)
        if way is None or way.kind == "launch":
            raise Refusal(400, to_translate("This way to log in cannot be linked from here."))
        # cookie_id is a secret of this user's: the cookie is nobody else's, and a reset ends it.
        self._set_cookie(_LINKING, self.current_user.cookie_id, expires_days=_LINKING_S / 86_400)
        self.redirect(way.url)


def own_pages() -> list[tuple[str, type]]:
    """Give the pages that take the place of JupyterHub's or come with the ways."""
    return [("/login", LoginPage), ("/logout", LogoutPage), ("/logins", LoginsPage)]
