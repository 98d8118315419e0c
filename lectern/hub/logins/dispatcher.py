"""The one Authenticator that JupyterHub sees when there is more than one way to log in.

Names and passwords are its own (it is CourseAuthenticator); every other way is a child with pages of its
own, whom it asks, and whose answer it turns into one of our users.
"""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyterhub.crypto import CryptKeeper
from traitlets import List
from traitlets.config import Config

from lectern.hub import courses
from lectern.hub.accounts import SignUpError
from lectern.hub.authenticator import CourseAuthenticator
from lectern.hub.language import Refusal
from lectern.hub.logins import grants, identities, pages
from lectern.hub.logins.oauth import unavailable
from lectern.hub.logins.own import OwnClass
from lectern.hub.logins.visit import (
    ProviderDownError,
    SilentProviderError,
    Visit,
    Way,
    courses_of,
    may_enter,
    wanted_groups,
)
from lectern.hub.logins.ways import PlannedWay, has_native, plan_ways
from lectern.hub.sessions import end_sessions, secrets_of_servers
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from jupyterhub import orm
    from jupyterhub.auth import Authenticator
    from jupyterhub.handlers.base import BaseHandler
    from jupyterhub.user import User
    from nativeauthenticator.orm import UserInfo

#: After a provider did not answer: how long nobody else waits for it.
_ASK_AGAIN_S = 30


@dataclass(frozen=True)
class OpenWay:
    """A way to log in, made and open."""

    plan: PlannedWay
    authenticator: Authenticator  # what its pages belong to
    asked: Way


class WayDispatcher(CourseAuthenticator):
    """Several ways to log in, one set of users."""

    ways: Any = List(help="What the login page shows: `pages.ShownWay`, in order.")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        # What a provider gave is kept, encrypted: without it nobody could be asked for again.
        CryptKeeper.instance().keys = [bytes.fromhex(self.lectern_settings.secret("crypt_key"))]
        self.enable_auth_state = True
        self._open = {plan.key: self._make(plan) for plan in plan_ways(self.lectern_settings)}
        self.ways = [pages.ShownWay.of(way) for way in self._open.values()]
        self._renewals: dict[int, asyncio.Task[dict[str, Any] | bool]] = {}
        self._ask_again_at: dict[str, float] = {}

    def _prepare(self) -> None:
        super()._prepare()
        identities.ensure_table(self.db)

    def _make(self, plan: PlannedWay) -> OpenWay:
        # Ours first, the site's own conf.d over it.
        config = Config({plan.authenticator.__name__: plan.options})
        config.merge(self.config)
        made = plan.authenticator(parent=self.parent, config=config, _deprecated_db_session=self.db)
        made.enable_auth_state = True  # JupyterHub looks at the page's Authenticator when it keeps ours
        asked = made if hasattr(made, "visit") else OwnClass(made, plan.title)
        return OpenWay(plan, made, asked)

    @property
    def has_native(self) -> bool:
        """Whether people with a course code may sign up."""
        return has_native(self.lectern_settings)

    @property
    def only_way(self) -> pages.ShownWay | None:
        """The way that the login page leads to at once, as there is no other."""
        alone = len(self.ways) == 1 and not self.has_native and self.ways[0].kind != "launch"
        return self.ways[0] if alone else None

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:  # noqa: ANN401
        """Give the pages of every way, then ours."""
        own = pages.own_pages()
        outside = [page for way in self._open.values() for page in pages.pages_of(way, self, app)]
        usual = [page for page in super().get_handlers(app) if page[0] not in dict(own)]
        return [*own, *outside, *usual]

    async def enroll(self, **typed: str) -> UserInfo:
        """Make an account for somebody with a course code, where that is a way."""
        if not self.has_native:
            raise SignUpError(
                to_translate("Nobody signs up with a password here. Please go to the login page.")
            )
        return await super().enroll(**typed)

    # --- somebody comes --------------------------------------------------------------------------------

    async def admit(self, handler: BaseHandler, key: str, data: Any) -> dict[str, Any] | None:  # noqa: ANN401
        """Turn whoever came by a way into one of our users, as JupyterHub takes it.

        Raises
        ------
        HTTPError
            The provider is away, or the person may not enter.
        """
        way = self._open[key]
        try:
            visit = await way.asked.visit(handler, data)
        except ProviderDownError as problem:
            self.log.warning("%s", problem)
            raise unavailable(problem) from problem
        if visit is None:
            return None
        if not may_enter(visit.person, way.plan.allow):
            self.log.warning("%s: %r is in no allowed group", key, visit.person.subject)
            text = to_translate(
                "Your account at {service} is not among those that may use Lectern. Please ask your teacher."
            )
            raise Refusal(403, text, service=way.plan.title)
        user = self._user_for(handler, way, visit)
        if not self.check_blocked_users(user.name, None):
            raise Refusal(403, to_translate("Your account is closed. Please ask your teacher."))
        self._grant(way, user, visit)
        return self._model(way, user, visit)

    def _user_for(self, handler: BaseHandler, way: OpenWay, visit: Visit) -> orm.User:
        provider, person = way.plan.provider, visit.person
        if (linking := pages.links_to(handler)) is None:
            return identities.ensure_user(self.db, provider, person.subject, person.name, self.admin_users)
        try:
            identities.link(self.db, provider, person.subject, linking)
        except identities.LinkError as problem:
            raise Refusal.of(409, problem) from problem
        return linking

    def _grant(self, way: OpenWay, user: orm.User, visit: Visit) -> None:
        unknown = courses_of(way.plan.rules) - {course.name for course in courses.all_courses(self.db)}
        if unknown:
            self.log.warning("%s: no course is called %s", way.plan.key, ", ".join(sorted(unknown)))
        grants.apply(self.db, user, way.plan.provider, wanted_groups(visit.person, way.plan.rules))

    def _model(self, way: OpenWay, user: orm.User, visit: Visit) -> dict[str, Any]:
        kept = {"way": way.plan.key, "provider": way.plan.provider, "visit": visit.state}
        return {
            "name": user.name,
            "auth_state": kept,
            "groups": None,
        }  # memberships are ours, not JupyterHub's

    # --- somebody is asked for again -------------------------------------------------------------------

    async def refresh_user(self, user: User, handler: BaseHandler | None = None) -> dict[str, Any] | bool:  # noqa: ARG002
        """Ask the way that somebody came by whether they are still welcome, and in which groups.

        Several requests at once wait for one answer: a refresh token serves only once.
        """
        kept = await user.get_auth_state()
        if not kept or "way" not in kept:
            return True  # a name and password of ours
        if (running := self._renewals.get(user.id)) is None:
            running = asyncio.create_task(self._renew(user, kept))
            self._renewals[user.id] = running
            running.add_done_callback(functools.partial(self._renewed, user.id))
        answer = await asyncio.shield(running)
        return answer if isinstance(answer, bool) else dict(answer)

    def _renewed(self, user_id: int, _: asyncio.Task[Any]) -> None:
        self._renewals.pop(user_id, None)

    async def _renew(self, user: User, kept: dict[str, Any]) -> dict[str, Any] | bool:
        way = self._open.get(kept["way"])
        if way is None or way.plan.provider != kept["provider"]:
            return self._show_out(user, kept["provider"])  # the operator closed this way
        if time.monotonic() < self._ask_again_at.get(way.plan.key, 0):
            return True
        try:
            visit = await way.asked.renew(kept["visit"])
        except ProviderDownError as problem:
            # Whether somebody may be here is not known now: a class goes on.
            self.log.warning("%s stays logged in: %s", user.name, problem)
            if isinstance(problem, SilentProviderError):
                self._ask_again_at[way.plan.key] = time.monotonic() + _ASK_AGAIN_S
            return True
        is_same = visit and identities.find(self.db, way.plan.provider, visit.person.subject) is user.orm_user
        if not visit or not is_same or not may_enter(visit.person, way.plan.allow):
            return self._show_out(user, way.plan.provider)
        self._grant(way, user.orm_user, visit)
        return self._model(way, user.orm_user, visit)

    def _show_out(self, user: User, provider: str) -> bool:
        self.log.warning("%s may not enter any more by %s: logged out", user.name, provider)
        grants.apply(self.db, user.orm_user, provider, frozenset())
        end_sessions(self.db, user.orm_user, kept=secrets_of_servers(user))
        return False

    # --- somebody goes ---------------------------------------------------------------------------------

    def delete_user(self, user: User) -> None:
        """Forget a user's identities with the user."""
        identities.forget(self.db, user)
        grants.forget(self.db, user)
        super().delete_user(user)

    def logout_address(self, kept: dict[str, Any] | None) -> str:
        """Give the page that ends a session at the provider as well; empty where there is none."""
        way = self._open.get((kept or {}).get("way", ""))
        leave = getattr(way.asked, "logout_address", None) if way else None
        after = f"{self.lectern_settings.address}/hub/logout"
        return str(leave(kept["visit"], after)) if leave and kept else ""

    def linked(self, user: orm.User) -> set[str]:
        """List the ways, by key, that a user may come by beside a password."""
        providers = identities.providers_of(self.db, user)
        return {way.plan.key for way in self._open.values() if way.plan.provider in providers}
