"""Pages on the way in: join, sign up, log in, change the password."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from nativeauthenticator.orm import UserInfo
from tornado import web
from tornado.httputil import url_concat

from lectern.hub import consent, courses, one_time_links
from lectern.hub.accounts import SignUpError
from lectern.hub.guarded import GuardedHandler
from lectern.hub.language import Refusal, translation_of
from lectern.hub.privacy import notice_of
from lectern.hub.sessions import end_sessions, secrets_of_servers
from lectern.web.translation import to_translate, told

#: What JupyterHub says to a wrong password; here so that the catalogues have it.
_REFUSED = to_translate("Invalid username or password")


class _SignUpPage(BaseHandler):
    """What the join page and the sign-up form share."""

    def login_with(self, code: str) -> str:
        """Give the login page's address, from which a code leads on to its join page."""
        login_url = str(self.settings["login_url"])
        following = f"{self.hub.base_url}join/{quote(code[:32], safe='')}"
        return url_concat(login_url, {"next": following}) if code else login_url

    def show(self, *, code: str = "", name: str = "", problem: str = "") -> None:
        """Render the form, with what was typed kept (never the passwords)."""
        self.finish(
            self.render_template(
                "join.html",
                sync=True,
                code=code[:32],
                typed_name=name[:64],
                problem=problem,
                xsrf=self.xsrf_token.decode("ascii"),
                login_url=self.login_with(code),
                notice=notice_of(self),
            )
        )


class JoinHandler(GuardedHandler, _SignUpPage):
    """/hub/join/<code>: the page that the sign-up link leads to; for whoever has an account, one button."""

    async def get(self, code: str | None = None) -> None:
        """Show the form, or to somebody who is logged in the button; where nobody signs up, lead to login."""
        if self.current_user:
            # The button's page tells whether there is such a code: that can be guessed at, too.
            if code:
                await self.require_turn()
                if courses.find_code(self.db, code) is None:
                    await self.count_wrong_code()
            self._show_button(code or "")
            return
        if not getattr(self.authenticator, "has_native", True):
            self.redirect(self.login_with(code or ""))
            return
        self.show(code=code or "")

    @web.authenticated
    async def post(self, code: str | None = None) -> None:
        """Put whoever is logged in into the course, and lead to a server there."""
        typed = self.get_body_argument("code", code or "")
        await self.require_turn()
        try:
            course = courses.enter(self.db, self.current_user.orm_user, typed, datetime.now(UTC))
        except SignUpError as problem:
            if courses.find_code(self.db, typed) is None:
                await self.count_wrong_code()
            self.set_status(400)
            self._show_button(typed, problem=told(problem, translation_of(self)))
            return
        self.redirect(url_concat(f"{self.hub.base_url}spawn", {"course": course.name}))

    def _show_button(self, code: str, *, problem: str = "") -> None:
        course = courses.find_by_code(self.db, code) if code and not problem else None
        self.finish(
            self.render_template(
                "join-course.html",
                sync=True,
                code=code[:32],
                title=course.title if course else "",
                problem=problem,
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )


class SignUpHandler(GuardedHandler, _SignUpPage):
    """/hub/signup: takes the form."""

    async def get(self) -> None:
        """Lead a bookmark to the form."""
        self.redirect(self.hub.base_url + "join")

    async def post(self) -> None:
        """Make the account, log it in and lead it to its server."""
        name = self.get_body_argument("username", "")
        code = self.get_body_argument("code", "")
        await self.require_turn()
        notice = notice_of(self)
        if notice is not None and self.get_body_argument("consent", "") != notice.hashed:
            _ = translation_of(self).gettext
            self.set_status(400)
            self.show(code=code, name=name, problem=_("Please read the privacy notice and tick the box."))
            return
        try:
            account = await self.authenticator.enroll(
                name=name,
                password=self.get_body_argument("signup_password", "", strip=False),
                confirmation=self.get_body_argument("signup_password_confirmation", "", strip=False),
                code=code,
            )
        except SignUpError as problem:
            if courses.find_code(self.db, code) is None:
                await self.count_wrong_code()
            self.set_status(400)
            self.show(code=code, name=name, problem=told(problem, translation_of(self)))
            return
        if notice is not None:
            consent.give(self.db, account.username, notice, datetime.now(UTC))
        user = await self.login_user({"username": account.username, "account": account})
        if user is None:
            text = to_translate("Your account was made, but it may not log in. Please ask your teacher.")
            raise Refusal(403, text)
        self._jupyterhub_user = user
        self.redirect(self.get_next_url(user))


class FirstLoginHandler(GuardedHandler, LoginHandler):
    """JupyterHub's own login, which leads the admin to a new password as long as it is the generated one."""

    def _render(self, login_error: str | None = None, username: str | None = None, **facts: Any) -> Any:  # noqa: ANN401
        """Show the form; what is wrong is said in the reader's language."""
        if login_error:
            login_error = translation_of(self).gettext(login_error)
        return super()._render(login_error=login_error, username=username, **facts)

    def get_next_url(self, user: Any = None, default: Any = None) -> str:  # noqa: ANN401
        """Give the page after login."""
        usual = super().get_next_url(user, default)
        typed = self.get_body_argument("password", "", strip=False)
        settings = self.authenticator.lectern_settings
        if (
            self.request.method == "POST"
            and user is not None
            and user.name == settings.admin
            and hmac.compare_digest(typed.encode(), settings.secret("admin_password").encode())
        ):
            return url_concat(f"{self.hub.base_url}change-password", {"next": str(usual)})
        return str(usual)


class ChangePasswordHandler(GuardedHandler):
    """/hub/change-password: for everybody with a password here; what was open under the old one ends."""

    def _show(self, *, problem: str = "", done: bool = False) -> None:
        self.finish(
            self.render_template(
                "change-password.html",
                sync=True,
                problem=problem,
                done=done,
                # Checked by JupyterHub: only addresses of this hub.
                later=self.get_next_url(self.current_user, default=f"{self.hub.base_url}home"),
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )

    @web.authenticated
    async def get(self) -> None:
        """Show the form."""
        self._show()

    @web.authenticated
    async def post(self) -> None:
        """Change the password of whoever knows the old one."""
        user = self.current_user
        account = UserInfo.find(self.db, user.name)
        old = self.get_body_argument("old_password", "", strip=False)
        if not await self.guard.login(self, user.name, lambda: self.authenticator.matches(old, account)):
            self.set_status(400)
            _ = translation_of(self).gettext
            self._show(problem=_("The present password is not right."))
            return
        try:
            await self.authenticator.set_password(
                account,
                self.get_body_argument("new_password", "", strip=False),
                self.get_body_argument("new_password_confirmation", "", strip=False),
            )
        except SignUpError as problem:
            self.set_status(400)
            self._show(problem=told(problem, translation_of(self)))
            return
        one_time_links.forget(self.db, {user.name})
        end_sessions(self.db, user.orm_user, kept=secrets_of_servers(user))
        self.set_login_cookie(user)  # in this browser they stay
        self.__dict__.pop("_xsrf_token", None)  # the page's form is of the new session
        self._show(done=True)
