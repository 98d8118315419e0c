"""Pages about people: a course's members, slips to print, and where a one-time link leads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import segno
from jupyterhub import orm
from nativeauthenticator.orm import UserInfo
from tornado import web

from lectern.hub import courses, one_time_links
from lectern.hub.accounts import SignUpError
from lectern.hub.course_pages import CoursePage
from lectern.hub.guarded import GuardedHandler
from lectern.hub.language import Refusal, translation_of
from lectern.hub.members import course_of_server, members_of
from lectern.hub.one_time_links import LinkError
from lectern.hub.people import listed
from lectern.hub.people.enrolment import Slip, enrol_list
from lectern.hub.people.lists import ListError, read_list
from lectern.hub.people.rules import may_open, may_reset
from lectern.hub.people.standings import standing_of
from lectern.hub.roles import Role, group_names, role_in
from lectern.hub.sessions import end_sessions, secrets_of_servers
from lectern.web.translation import to_translate, told


def _draw(link: str) -> str:
    return str(segno.make(link, error="m").svg_inline(scale=3, border=2))


class PeopleHandler(CoursePage):
    """/hub/courses/<course>/people: its members; adds a list, hands out one-time links, opens servers."""

    def _known(self) -> list[str]:
        return [course.name for course in courses.all_courses(self.db)]

    def _address(self) -> str:
        return f"{self.authenticator.lectern_settings.address}{self.hub.base_url}"

    def _show(self, course: courses.Course, *, problems: list[str] | None = None, typed: str = "") -> None:
        known = self._known()
        actor = standing_of(self.current_user.orm_user, known)
        people = members_of(self.db, course.name)
        entries = listed.of(self.db, [member.name for member in people])
        members = []
        for member in people:
            standing = standing_of(member, known)
            is_running = course_of_server(self.users, member) == course.name
            members.append(
                {
                    "name": member.name,
                    "listed": entries.get(member.name),
                    "role": str(role_in(course.name, group_names(member))),
                    "is_running": is_running,
                    "may_reset": may_reset(actor, standing),
                    "may_open": course.allows_helping
                    and is_running
                    and may_open(actor, standing, course.name),
                }
            )
        self.show(
            "people.html",
            course=course,
            members=members,
            may_edit=actor.is_admin or course.name in actor.instructs,
            problems=problems or [],
            typed=typed,
        )

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show the members."""
        self._show(self.course(name, least=Role.HELPER))

    @web.authenticated
    async def post(self, name: str) -> None:
        """Add a list, or make a one-time link for one member."""
        course = self.course(name)
        member = self.get_body_argument("reset", "")
        if member:
            await self._reset(course, member)
            return
        uploaded = self.request.files.get("file", [])
        typed = self.get_body_argument("list", "")
        data = uploaded[0]["body"] if uploaded and uploaded[0]["body"] else typed.encode()
        try:
            slips = await enrol_list(
                self.db,
                course.name,
                read_list(data),
                protected=self.authenticator.admin_users,
                unusable_hash=self.authenticator.unusable_hash,
                address=self._address(),
                now=datetime.now(UTC),
            )
        except ListError as problem:
            self.set_status(400)
            translation = translation_of(self)
            problems = [told(one, translation) for one in problem.problems]
            self._show(course, problems=problems, typed=typed)
            return
        await self._show_slips(course, slips, days=one_time_links.SLIP_LIFETIME.days)

    async def _reset(self, course: courses.Course, member: str) -> None:
        user = orm.User.find(self.db, member)
        role = role_in(course.name, group_names(user)) if user else None
        if user is None or role is None:
            raise Refusal(404, to_translate("Nobody of this name is in the course."))
        known = self._known()
        if not may_reset(standing_of(self.current_user.orm_user, known), standing_of(user, known)):
            raise Refusal(
                403,
                to_translate(
                    "This account is also somebody's in a course that you do not teach, or has more rights "
                    "than a participant: please ask an administrator."
                ),
            )
        if UserInfo.find(self.db, member) is None:
            text = to_translate("This account has no password here: it belongs to another login.")
            raise Refusal(400, text)
        token = one_time_links.hand_out(self.db, member, one_time_links.RESET_LIFETIME, datetime.now(UTC))
        self.log.info("%s handed out a one-time link for %s", self.current_user.name, member)
        await self._show_slips(course, [Slip(member, member, role, f"{self._address()}link/{token}")], days=0)

    async def _show_slips(self, course: courses.Course, slips: list[Slip], *, days: int) -> None:
        self.set_header("Cache-Control", "no-store")  # the links are shown once
        # Some milliseconds each: a long list would hold up everybody.
        drawn = await asyncio.to_thread(lambda: [(slip, _draw(slip.link)) for slip in slips])
        self.finish(
            self.render_template(
                "slips.html",
                sync=True,
                course=course,
                address=self.authenticator.lectern_settings.address,
                days=days,
                slips=drawn,
            )
        )


class LinkHandler(GuardedHandler):
    """/hub/link/<token>: choose a password, once."""

    def _show(self, token: str, *, name: str = "", problem: str = "", is_dead: bool = False) -> None:
        # The address holds a secret: no other site may learn it, no cache may keep it.
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.finish(
            self.render_template(
                "choose-password.html",
                sync=True,
                token=token,
                typed_name=name,
                problem=problem,
                is_dead=is_dead,
                login_url=self.settings["login_url"],
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )

    async def _link(self, token: str) -> one_time_links.OneTimeLink | None:
        """Find the link, or show why it leads nowhere."""
        try:
            return one_time_links.find(self.db, token[:64], datetime.now(UTC))
        except LinkError as problem:
            await self.require_turn()
            await self.count_wrong_code()
            self.set_status(404)
            self._show("", problem=told(problem, translation_of(self)), is_dead=True)
            return None

    async def get(self, token: str) -> None:
        """Show the form."""
        if link := await self._link(token):
            self._show(token, name=link.username)

    async def post(self, token: str) -> None:
        """Set the password, end what was open under the old one, and lead to the server."""
        link = await self._link(token)
        if link is None:
            return
        name = link.username
        password = self.get_body_argument("new_password", "", strip=False)
        confirmation = self.get_body_argument("new_password_confirmation", "", strip=False)
        try:
            hashed = await self.authenticator.hash_new(password, confirmation)
        except SignUpError as problem:
            self.set_status(400)
            self._show(token, name=name, problem=told(problem, translation_of(self)))
            return
        account, user = UserInfo.find(self.db, name), orm.User.find(self.db, name)
        if account is None or user is None or not one_time_links.use(self.db, link, datetime.now(UTC)):
            self.db.rollback()
            self.set_status(404)
            self._show("", problem=translation_of(self).gettext("This link was used already."), is_dead=True)
            return
        account.password = hashed
        end_sessions(self.db, user, kept=secrets_of_servers(self.users[user]))
        entered = await self.login_user({"username": name, "account": account})
        if entered is None:
            text = to_translate("Your password is set, but you may not log in. Please ask your teacher.")
            raise Refusal(403, text)
        self._jupyterhub_user = entered
        self.redirect(self.get_next_url(entered))
