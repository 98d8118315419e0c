"""The people of a course as the `lectern` command asks for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from nativeauthenticator.orm import UserInfo
from tornado import web

from lectern.hub import courses, helping, one_time_links
from lectern.hub.course_api import LecternApi
from lectern.hub.members import course_of_server, members_of
from lectern.hub.people import listed
from lectern.hub.people.enrolment import enrol_list
from lectern.hub.people.lists import ListError, read_list
from lectern.hub.roles import group_names, role_in

if TYPE_CHECKING:
    from lectern.hub.helping import Opening


class PeopleApi(LecternApi):
    """/hub/api/lectern/courses/<course>/people[/<name>]."""

    async def get(self, name: str) -> None:
        """List the members."""
        self.require()
        course = self.course(name)
        members = members_of(self.db, course.name)
        known = listed.of(self.db, [member.name for member in members])
        self.finish(
            {"people": [self._describe(course, member, known.get(member.name)) for member in members]}
        )

    def _describe(self, course: courses.Course, user: orm.User, told: listed.Listed | None) -> dict[str, Any]:
        return {
            "account": user.name,
            "name": told.name if told else "",
            "email": told.email if told else "",
            "role": role_in(course.name, group_names(user)),
            "is_running": course_of_server(self.users, user) == course.name,
        }

    async def post(self, name: str) -> None:
        """Make an account for everybody of a `list`, as text; all of them or none."""
        self.require()
        course = self.course(name)
        try:
            slips = await enrol_list(
                self.db,
                course.name,
                read_list(str(self.asked().get("list", "")).encode("utf-8", "surrogatepass")),
                protected=self.authenticator.admin_users,
                unusable_hash=self.authenticator.unusable_hash,
                address=self.address,
                now=datetime.now(UTC),
            )
        except ListError as problem:
            raise web.HTTPError(400, "\n".join(str(one) for one in problem.problems)) from problem
        self.set_status(201)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            {
                "slips": [
                    {"name": slip.name, "account": slip.account, "role": slip.role, "link": slip.link}
                    for slip in slips
                ]
            }
        )

    async def delete(self, name: str, account: str) -> None:
        """Take somebody out of a course; the account and the files stay."""
        self.require()
        course, user = self.course(name), orm.User.find(self.db, account)
        if user is None or role_in(course.name, group_names(user)) is None:
            raise web.HTTPError(404, f"Nobody called `{account}` is in the course.")
        courses.leave(self.db, user, course)
        self.set_status(204)


class LinkApi(LecternApi):
    """/hub/api/lectern/people/<account>/link: a password to choose anew, for anybody, administrators too."""

    async def post(self, account: str) -> None:
        """Hand out a one-time link; older ones end."""
        self.require()
        if UserInfo.find(self.db, account) is None or orm.User.find(self.db, account) is None:
            raise web.HTTPError(404, f"`{account}` is no account with a password here.")
        token = one_time_links.hand_out(self.db, account, one_time_links.RESET_LIFETIME, datetime.now(UTC))
        self.log.info("%s handed out a one-time link for %s", self.current_user.name, account)
        self.set_status(201)
        self.set_header("Cache-Control", "no-store")
        self.finish({"link": f"{self.address}link/{token}"})


class OpeningsApi(LecternApi):
    """/hub/api/lectern/courses/<name>/openings: who opened whose server; a deleted course's log as well."""

    async def get(self, name: str) -> None:
        """List them, the last first."""
        self.require()
        self.finish({"openings": [_describe(opening) for opening in helping.log_of(self.db, name)]})


def _describe(opening: Opening) -> dict[str, Any]:
    return {
        "opener": opening.opener,
        "owner": opening.owner,
        "course": opening.course,
        "is_admin": not opening.is_shared,
        "opened_at": opening.opened_at.isoformat(),
        "until": opening.until.isoformat() if opening.until else None,
        "ended_at": opening.ended_at.isoformat() if opening.ended_at else None,
    }
