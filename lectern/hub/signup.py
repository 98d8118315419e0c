"""Sign-up with a course code that leads straight into the server, and login off the event loop.

NativeAuthenticator's table and its list of common passwords are used; its handlers are not:
they let the first comer be admin, approve people by GET and hash on the event loop.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

import bcrypt
from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from jupyterhub.scopes import needs_scope
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from sqlalchemy import Index, inspect
from sqlalchemy.exc import IntegrityError
from tornado import web
from tornado.httputil import url_concat
from traitlets import Instance

from lectern.hub import accounts, courses
from lectern.hub.accounts import SignUpError
from lectern.settings import Settings

#: Two hashes at a time leave the event loop its share; niceness gives it the first turn on a busy core.
_HASHERS = 2
_HASHER_NICENESS = 10

_ONE_ACCOUNT_A_NAME = "uq_users_info_username"


def _be_nice() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _HASHER_NICENESS)


def _common_passwords() -> frozenset[str]:
    text = files("nativeauthenticator").joinpath("common-credentials.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


class CourseAuthenticator(NativeAuthenticator):
    """Names and passwords of our own, for people with a course code."""

    lectern_settings = Instance(Settings, help="The installation's settings.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        # The base class reads `db`, which JupyterHub 6 has deprecated in favour of this.
        self.db: Any = kwargs.get("_deprecated_db_session")
        super().__init__(**kwargs)
        self.allow_all = True  # whoever has an account had a code
        self._hashers = ThreadPoolExecutor(_HASHERS, "bcrypt", initializer=_be_nice)
        self._common = _common_passwords()
        # Hashed against when the name is unknown, so that the answer takes as long as for a known one.
        self._nobody = bcrypt.hashpw(os.urandom(16).hex().encode(), bcrypt.gensalt())
        self._prepare()

    def _prepare(self) -> None:
        """Make what must be there before anybody comes: the index, the first course and the admin."""
        engine = self.db.get_bind()
        known = {index["name"] for index in inspect(engine).get_indexes("users_info")}
        if _ONE_ACCOUNT_A_NAME not in known:
            Index(_ONE_ACCOUNT_A_NAME, UserInfo.__table__.c.username, unique=True).create(engine)
        courses.ensure_first_course(self.db, self.lectern_settings)
        admin = self.lectern_settings.admin
        if UserInfo.find(self.db, admin) is None:
            password = self.lectern_settings.secret("admin_password")
            hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
            self.db.add(UserInfo(username=admin, password=hashed, is_authorized=True))
            self.db.commit()
        self.admin_users: set[str] = {*self.admin_users, admin}
        user = orm.User.find(self.db, admin)
        if user is None:
            user = orm.User(name=admin, admin=True)
            self.db.add(user)
        for course in courses.all_courses(self.db):
            courses.join(self.db, user, course, as_instructor=True)

    # --- passwords ----------------------------------------------------------------------------------

    async def _hash(self, password: str) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(
            self._hashers, bcrypt.hashpw, password.encode("utf-8", "surrogatepass"), bcrypt.gensalt()
        )

    async def matches(self, password: str, account: UserInfo | None) -> bool:
        """Say whether a password is an account's; takes as long when there is no account."""
        typed = password.encode("utf-8", "surrogatepass")
        fits = 0 < len(typed) <= accounts.PASSWORD_MAX_BYTES and b"\x00" not in typed
        known = bytes(account.password) if account else self._nobody
        right = await asyncio.get_running_loop().run_in_executor(
            self._hashers, bcrypt.checkpw, typed if fits else b"x", known
        )
        return bool(right and fits and account is not None)

    async def set_password(self, account: UserInfo, password: str, confirmation: str) -> None:
        """Change a password.

        Raises
        ------
        SignUpError
            The new one cannot be used.
        """
        accounts.check_password(password, confirmation, common=self._common)
        account.password = await self._hash(password)
        self.db.commit()

    async def has_initial_password(self, account: UserInfo | None) -> bool:
        """Say whether the admin's password is still the one that was generated."""
        return await self.matches(self.lectern_settings.secret("admin_password"), account)

    # --- login and sign-up --------------------------------------------------------------------------

    def normalize_username(self, username: str) -> str:
        """Give the name that somebody meant."""
        return accounts.normalise_name(username)

    def validate_username(self, username: str) -> bool:
        """Say whether a name can be a user's at all (JupyterHub asks for each, at start and login)."""
        return Authenticator.validate_username(self, username)

    async def authenticate(self, handler: BaseHandler, data: dict[str, Any]) -> str | None:  # noqa: ARG002
        """Check name and password; an account that was just signed up comes as `account` instead.

        A form can only send text, so the object is proof that the sign-up handler made it.
        """
        account = data.get("account")
        if isinstance(account, UserInfo):
            return str(account.username)
        name = self.normalize_username(str(data.get("username", "")))
        account = UserInfo.find(self.db, name[:128])
        right = await self.matches(str(data.get("password", "")), account)
        return name if right and account is not None and account.is_authorized else None

    async def enroll(self, *, name: str, password: str, confirmation: str, code: str) -> UserInfo:
        """Make an account for somebody with a course code and put it into the course.

        Raises
        ------
        SignUpError
            With a sentence for the person who typed.
        """
        course = courses.find_by_code(self.db, code)
        if course is None:
            raise SignUpError("This course code is not known. Please compare it with the one you were given.")
        name = self.normalize_username(name)
        accounts.check_name(name, protected=self.admin_users)
        accounts.check_password(password, confirmation, common=self._common)
        taken = SignUpError(f"The name “{name}” is taken. Please choose another, or log in if it is yours.")
        if UserInfo.find(self.db, name) or orm.User.find(self.db, name):
            raise taken
        hashed = await self._hash(password)
        account = UserInfo(username=name, password=hashed, is_authorized=True)
        self.db.add(account)
        try:
            self.db.commit()
        except IntegrityError as problem:  # somebody took it while we hashed
            self.db.rollback()
            raise taken from problem
        user = orm.User.find(self.db, name)
        if user is None:
            user = orm.User(name=name)
            self.db.add(user)
            self.db.commit()
        courses.join(self.db, user, course)
        return account

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401, ARG002
        """Give our pages; none of NativeAuthenticator's."""
        return [
            ("/login", FirstLoginHandler),
            ("/join(?:/([^/]*))?", JoinHandler),
            ("/signup", SignUpHandler),
            ("/change-password", ChangePasswordHandler),
            ("/api/lectern/courses", CoursesHandler),
            ("/api/lectern/welcome", WelcomeHandler),
        ]


class _SignUpPage(BaseHandler):
    """What the join page and the sign-up form share."""

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
                login_url=self.settings["login_url"],
            )
        )


class JoinHandler(_SignUpPage):
    """/hub/join/<code>: the page that the sign-up link leads to."""

    async def get(self, code: str | None = None) -> None:
        """Show the form; whoever is logged in already joins by POST from their own page."""
        if self.current_user:
            self.redirect(self.get_next_url(self.current_user))
            return
        self.show(code=code or "")


class SignUpHandler(_SignUpPage):
    """/hub/signup: takes the form."""

    async def get(self) -> None:
        """Lead a bookmark to the form."""
        self.redirect(self.hub.base_url + "join")

    async def post(self) -> None:
        """Make the account, log it in and lead it to its server."""
        name = self.get_body_argument("username", "")
        code = self.get_body_argument("code", "")
        try:
            account = await self.authenticator.enroll(
                name=name,
                password=self.get_body_argument("signup_password", "", strip=False),
                confirmation=self.get_body_argument("signup_password_confirmation", "", strip=False),
                code=code,
            )
        except SignUpError as problem:
            self.set_status(400)
            self.show(code=code, name=name, problem=problem.what)
            return
        user = await self.login_user({"username": account.username, "account": account})
        if user is None:
            raise web.HTTPError(403, "Your account was made, but it may not log in. Please ask your teacher.")
        self._jupyterhub_user = user
        self.redirect(self.get_next_url(user))


class FirstLoginHandler(LoginHandler):
    """JupyterHub's own login, which leads the admin to a new password as long as it is the generated one."""

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


class ChangePasswordHandler(BaseHandler):
    """/hub/change-password: for everybody with a password here."""

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
        account = UserInfo.find(self.db, self.current_user.name)
        old = self.get_body_argument("old_password", "", strip=False)
        if not await self.authenticator.matches(old, account):
            self.set_status(400)
            self._show(problem="The present password is not right.")
            return
        try:
            await self.authenticator.set_password(
                account,
                self.get_body_argument("new_password", "", strip=False),
                self.get_body_argument("new_password_confirmation", "", strip=False),
            )
        except SignUpError as problem:
            self.set_status(400)
            self._show(problem=problem.what)
            return
        self._show(done=True)


class CoursesHandler(APIHandler):
    """/hub/api/lectern/courses: what `lectern course list` prints."""

    @needs_scope("admin:groups")
    async def get(self) -> None:
        """List the courses with their codes."""
        address = self.authenticator.lectern_settings.address
        self.finish(
            {
                "courses": [
                    {
                        "name": course.name,
                        "code": course.code,
                        "environment": course.environment,
                        "join_url": f"{address}{self.hub.base_url}join/{course.code}",
                    }
                    for course in courses.all_courses(self.db)
                ]
            }
        )


class WelcomeHandler(APIHandler):
    """/hub/api/lectern/welcome: whether the admin's generated password still holds."""

    @needs_scope("admin:groups")
    async def get(self) -> None:
        """Tell it."""
        settings = self.authenticator.lectern_settings
        account = UserInfo.find(self.db, settings.admin)
        initial = await self.authenticator.has_initial_password(account)
        self.finish({"admin": settings.admin, "initial_password": initial})
