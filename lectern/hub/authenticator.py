"""Accounts with a name and a password of our own: sign-up with a course code, login off the event loop.

NativeAuthenticator's table and its list of common passwords are used; its handlers are not:
they let the first comer be admin, approve people by GET and hash on the event loop.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import bcrypt
from jupyterhub import orm
from jupyterhub.auth import Authenticator
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from sqlalchemy import Index, inspect
from sqlalchemy.exc import IntegrityError
from traitlets import Instance

from lectern.hub import accounts, consent, courses, duties, helping, one_time_links
from lectern.hub.accounts import SignUpError
from lectern.hub.guarded import Guard
from lectern.hub.handlers import HANDLERS
from lectern.hub.language import Refusal
from lectern.hub.people import listed
from lectern.hub.roles import Role
from lectern.settings import Settings
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyterhub.handlers.base import BaseHandler
    from sqlalchemy.orm import Session

#: Two hashes at a time leave the event loop its share; niceness gives it the first turn on a busy core.
_HASHERS = 2
_HASHER_NICENESS = 10

#: Passwords that may wait for a hasher: two minutes' worth; whoever comes then is told so.
_HASHES_WAITING = 500

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
        self.db: Session = kwargs["_deprecated_db_session"]
        super().__init__(**kwargs)
        self.allow_all = True  # whoever has an account had a code
        self.guard = Guard(self.lectern_settings)
        self._hashers = ThreadPoolExecutor(_HASHERS, "bcrypt", initializer=_be_nice)
        self._hashing = 0
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
        for ours in (one_time_links, helping, consent, listed):
            ours.ensure_table(self.db)
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
            courses.join(self.db, user, course, role=Role.INSTRUCTOR)

    # --- passwords ----------------------------------------------------------------------------------

    async def _hash(self, password: str) -> bytes:
        return await self._in_turn(bcrypt.hashpw, password.encode("utf-8", "surrogatepass"), bcrypt.gensalt())

    async def _in_turn[T](self, work: Callable[[bytes, bytes], T], password: bytes, salt: bytes) -> T:
        """Hash in the pool.

        Raises
        ------
        Refusal
            503: more are waiting than can be served in two minutes.
        """
        if self._hashing >= _HASHES_WAITING:
            raise Refusal(
                503,
                to_translate("Too many people are logging in at this moment. Please try again in a minute."),
            )
        self._hashing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hashers, work, password, salt)
        finally:
            self._hashing -= 1

    async def matches(self, password: str, account: UserInfo | None) -> bool:
        """Say whether a password is an account's; takes as long when there is no account."""
        typed = password.encode("utf-8", "surrogatepass")
        fits = 0 < len(typed) <= accounts.PASSWORD_MAX_BYTES and b"\x00" not in typed
        known = bytes(account.password) if account else self._nobody
        right = await self._in_turn(bcrypt.checkpw, typed if fits else b"x", known)
        return bool(right and fits and account is not None)

    async def set_password(self, account: UserInfo, password: str, confirmation: str) -> None:
        """Change a password.

        Raises
        ------
        SignUpError
            The new one cannot be used.
        """
        account.password = await self.hash_new(password, confirmation)
        self.db.commit()

    async def hash_new(self, password: str, confirmation: str) -> bytes:
        """Check a new password and hash it.

        Raises
        ------
        SignUpError
            It cannot be used.
        """
        accounts.check_password(password, confirmation, common=self._common)
        return await self._hash(password)

    @property
    def unusable_hash(self) -> bytes:
        """A hash whose password nobody knows, for accounts that a link opens first."""
        return self._nobody

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
        opened = courses.check_code(self.db, code, datetime.now(UTC))
        name = self.normalize_username(name)
        accounts.check_name(name, protected=self.admin_users)
        accounts.check_password(password, confirmation, common=self._common)
        taken = SignUpError(
            to_translate("The name “{name}” is taken. Please choose another, or log in if it is yours."),
            name=name,
        )
        if UserInfo.find(self.db, name) or orm.User.find(self.db, name):
            raise taken
        hashed = await self._hash(password)
        account = UserInfo(username=name, password=hashed, is_authorized=True)
        self.db.add(account)
        try:
            # In one transaction: no seat without an account, no account without a seat.
            courses.take_seat(self.db, opened, datetime.now(UTC))
            self.db.commit()
        except IntegrityError as problem:  # somebody took it while we hashed
            self.db.rollback()
            raise taken from problem
        except SignUpError:
            self.db.rollback()
            raise
        user = orm.User.find(self.db, name)
        if user is None:
            user = orm.User(name=name)
            self.db.add(user)
            self.db.commit()
        courses.join(self.db, user, opened.course, role=Role(opened.role))
        return account

    def delete_user(self, user: Any) -> None:  # noqa: ANN401 - JupyterHub's
        """Forget what is noted of somebody with the account."""
        consent.forget(self.db, user.name)
        listed.forget(self.db, user.name)
        one_time_links.forget(self.db, {user.name})
        helping.end_all_of(self.db, user.name, datetime.now(UTC))
        super().delete_user(user)
        self.db.commit()

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401
        """Give our pages; none of NativeAuthenticator's."""
        # JupyterHub asks once, when it is about to serve; no other hook of ours is given the application.
        duties.begin(self.lectern_settings, self.db, lambda user: app.users[user])
        return HANDLERS
