"""Opening a participant's server: by button, with a log that those who teach and the participant see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from jupyterhub.apihandlers.auth import OAuthAuthorizeHandler
from jupyterhub.handlers.base import BaseHandler
from tornado import web

from lectern.hub import courses, helping
from lectern.hub.course_pages import CoursePage
from lectern.hub.language import Refusal
from lectern.hub.members import course_of_server
from lectern.hub.people.rules import may_open
from lectern.hub.people.standings import standing_of
from lectern.hub.privacy import leads_to_notice
from lectern.hub.roles import Role
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyterhub.user import User
    from sqlalchemy.orm import Session

    from lectern.hub.helping import Opening


class OpenHandler(CoursePage):
    """/hub/courses/<course>/people/<name>/open: go into a participant's server, for an hour."""

    @web.authenticated
    async def post(self, course_name: str, name: str) -> None:
        """Write it down, give the right, and lead there."""
        course = self.course(course_name, least=Role.HELPER)
        owner = self.find_user(name)
        known = [one.name for one in courses.all_courses(self.db)]
        opener = self.current_user.orm_user
        if owner is None or not may_open(
            standing_of(opener, known), standing_of(owner.orm_user, known), course.name
        ):
            raise Refusal(404, to_translate("There is no such participant here."))
        if not course.allows_helping:
            raise Refusal(403, to_translate("In this course nobody opens participants' servers."))
        if course_of_server(self.users, owner.orm_user) != course.name:
            raise Refusal(409, to_translate("{name}'s server does not run in this course now."), name=name)
        now = datetime.now(UTC)
        if self.current_user.admin:
            helping.note(self.db, opener.name, owner.name, course.name, now)
        else:
            helping.share(self.db, opener, owner.spawner.orm_spawner, course.name, now)
        self.log.info("%s opens the server of %s", opener.name, owner.name)
        self.redirect(f"{owner.server_url()}lab")


class ShutHandler(BaseHandler):
    """/hub/openings/end: whoever is helped takes the right back."""

    @web.authenticated
    async def post(self) -> None:
        """End all openings of one's own server."""
        now = datetime.now(UTC)
        for opening in helping.live_of(self.db, self.current_user.name):
            if opening.is_shared:
                helping.end(self.db, opening, now)
        self.redirect(f"{self.hub.base_url}home")


class OpeningsHandler(CoursePage):
    """/hub/courses/<course>/openings: who opened whose server, for those who teach."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show the log."""
        course = self.course(name)
        self.show("openings.html", course=course, openings=helping.log_of(self.db, name))


class AuthorizeHandler(OAuthAuthorizeHandler):
    """/hub/api/oauth2/authorize, where whoever enters a server comes by: notes who is not its owner.

    Who pressed “Open” is not asked once more.
    """

    @web.authenticated
    async def get(self) -> None:
        """Let somebody in who agreed to the privacy notice."""
        if not leads_to_notice(self):
            await super().get()

    def needs_oauth_confirm(self, user: Any, oauth_client: Any, requested_scopes: Any) -> bool:  # noqa: ANN401
        """Say whether to ask."""
        return not self._is_helping(user, oauth_client) and bool(
            super().needs_oauth_confirm(user, oauth_client, requested_scopes)
        )

    def _is_helping(self, user: Any, client: Any) -> bool:  # noqa: ANN401
        if client.spawner is None:
            return False
        live = helping.live_of(self.db, client.spawner.user.name)
        return any(opening.opener == user.name for opening in live)

    def send_oauth_response(self, headers: Any, body: Any, status: int) -> None:  # noqa: ANN401
        """Let them in, and write it down before."""
        client = self.oauth_provider.fetch_by_client_id(self.get_argument("client_id", ""))
        if (
            client
            and client.spawner
            and client.spawner.user is not self.current_user.orm_user
            and self.get_scope_filter("access:servers")(client.spawner, kind="server")
        ):
            owner = self._user_from_orm(client.spawner.user)
            course = str(owner.spawners[client.spawner.name].running_course)
            helping.note(self.db, self.current_user.name, owner.name, course, datetime.now(UTC))
        super().send_oauth_response(headers, body, status)


def course_at_work(user: User) -> str:
    """Name the course of a server that runs or is looked at: after its restart the hub looks at all."""
    return str(user.spawner.running_course) if user.spawner.active else ""


def is_still_right(db: Session, running_course: Callable[[orm.User], str]) -> Callable[[Opening], bool]:
    """Give the rule by which an opening goes on.

    Parameters
    ----------
    running_course : callable
        Names the course that somebody's server runs in; empty when it does not.
    """

    def rule(opening: Opening) -> bool:
        opener, owner = orm.User.find(db, opening.opener), orm.User.find(db, opening.owner)
        if opener is None or owner is None or running_course(owner) != opening.course:
            return False
        if not opening.is_shared:
            return True  # an administrator: it ends with the server
        course = courses.find_course(db, opening.course)
        if course is None or not course.allows_helping:
            return False
        known = [one.name for one in courses.all_courses(db)]
        return may_open(standing_of(opener, known), standing_of(owner, known), course.name)

    return rule
