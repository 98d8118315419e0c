"""Pages for those who teach: courses, their codes, who is in and whose server runs.

An instructor sees the courses that they instruct, an admin all. Everything changes by POST, with JupyterHub's
form token; after a change the browser is led back to the course, so that a reload repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from jupyterhub.handlers.base import BaseHandler
from tornado import web
from tornado.httputil import url_concat

from lectern import names
from lectern.hub import courses
from lectern.hub.course_fields import FieldError, read_code, read_memory
from lectern.hub.language import Refusal, translation_of
from lectern.hub.members import members_of, servers_in, spawner_of
from lectern.hub.memory import change_memory
from lectern.hub.roles import Role, group_names, role_in
from lectern.hub.room import open_room
from lectern.settings import MIB
from lectern.web.translation import to_translate, told, translated

if TYPE_CHECKING:
    from collections.abc import Callable
    from gettext import NullTranslations

    from lectern.hub.courses import Course

#: What the forms call the fields that they have.
_LABELS = {
    "name": to_translate("Short name"),
    "title": to_translate("Title"),
    "environments": to_translate("Environments"),
    "opens": to_translate("Opens"),
    "closes": to_translate("Closes"),
    "timezone": to_translate("Time zone of these dates"),
    "memory": to_translate("Memory"),
    "cpus": to_translate("Processors"),
    "processes": to_translate("Processes and threads"),
    "materials": to_translate("Folder that opens first"),
    "helping": to_translate("Helpers may open participants' running servers"),
    "role": to_translate("Makes people"),
    "seats": to_translate("Seats"),
    "expires": to_translate("Ends"),
}


@dataclass(frozen=True)
class Member:
    """One row of a course's list of people."""

    name: str
    role: Role
    state: str  # "running", "starting", "off"
    environment: str  # of the running server
    memory_mb: int  # limit of the running server


class CoursePage(BaseHandler):
    """What the pages of courses share: who may, and how they look."""

    def groups(self) -> set[str]:
        """Give the names of the groups of who asks."""
        return group_names(self.current_user.orm_user)

    def taught(self) -> list[Course]:
        """List the courses of who asks."""
        known = courses.all_courses(self.db)
        if self.current_user.admin:
            return known
        groups = self.groups()
        return [course for course in known if role_in(course.name, groups) is Role.INSTRUCTOR]

    def require_teacher(self) -> None:
        """Refuse whoever teaches nothing."""
        if not (self.current_user.admin or self.taught()):
            raise Refusal(403, to_translate("This page is for instructors."))

    def course(self, name: str, *, least: Role = Role.INSTRUCTOR) -> Course:
        """Find a course in which who asks is at least `least`; others are not told whether it exists."""
        found = courses.find_course(self.db, name)
        role = role_in(name, self.groups())
        if found is None or not (self.current_user.admin or (role is not None and role.rank >= least.rank)):
            raise Refusal(404, to_translate("There is no such course among yours."))
        return found

    def allowed_environments(self) -> list[str]:
        """Name the environments that who asks may put into a course.

        Whoever instructs a course may change and delete its environments: so an instructor takes those
        that they have already, and gets others from an admin or makes them.
        """
        return sorted({environment for course in self.taught() for environment in course.environments})

    def show(self, template: str, **values: Any) -> None:  # noqa: ANN401 - what the template says
        """Render a page with a form token."""
        self.finish(self.render_template(template, sync=True, xsrf=self.xsrf_token.decode("ascii"), **values))

    def back_to(self, course: str = "", **words: str) -> None:
        """Lead back to a course, or to the list."""
        path = f"{self.hub.base_url}courses"
        self.redirect(url_concat(f"{path}/{course}" if course else path, words))


class CoursesHandler(CoursePage):
    """/hub/courses: the list."""

    @web.authenticated
    async def get(self) -> None:
        """Show it."""
        self.require_teacher()
        now = datetime.now(UTC)
        sizes = {group.name: len(group.users) for group in self.db.query(orm.Group)}
        rows = [
            {
                "course": course,
                "is_open": course.schedule.is_open(now),
                "is_before": course.schedule.is_before(now),
                "members": sizes.get(names.course_group(course.name), 0),
            }
            for course in self.taught()
        ]
        self.show("courses.html", rows=rows)


class CourseHandler(CoursePage):
    """/hub/courses/<name>: codes, people and their servers; POST with `action` changes something."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show it."""
        self._page(self.course(name))

    def _page(self, course: Course, *, problem: str = "", done: str = "") -> None:
        if problem:
            self.set_status(400)
        now = datetime.now(UTC)
        members = self._members(course)
        self.show(
            "course.html",
            course=course,
            members=members,
            running=sum(member.state == "running" for member in members),
            roles=list(Role),
            is_open=course.schedule.is_open(now),
            is_before=course.schedule.is_before(now),
            is_after=course.schedule.is_after(now),
            now=now,
            default_memory_mb=self.authenticator.lectern_settings.memory // MIB,
            join_address=f"{self.authenticator.lectern_settings.address}{self.hub.base_url}join/",
            problem=problem,
            done=done,
        )

    def _members(self, course: Course) -> list[Member]:
        rows = []
        for person in members_of(self.db, course.name):
            role = role_in(course.name, group_names(person)) or Role.PARTICIPANT
            spawner = spawner_of(self.users, person)
            if spawner and spawner.active and spawner.running_course == course.name:
                environment = spawner.running_release.environment if spawner.running_release else ""
                memory_mb = int(spawner.mem_limit or 0) // MIB
                state = "running" if spawner.ready else "starting"
                rows.append(Member(person.name, role, state, environment, memory_mb))
            else:
                rows.append(Member(person.name, role, "off", environment="", memory_mb=0))
        return rows

    @web.authenticated
    async def post(self, name: str) -> None:
        """Do what a button of the page says."""
        course = self.course(name)
        actions: dict[str, Callable[[Course], Any]] = {
            "open": self._open,
            "close": self._close,
            "add-code": self._add_code,
            "revoke": self._revoke,
            "leave": self._leave,
        }
        action = self.get_body_argument("action", "")
        if action == "memory":
            await self._memory(course)
            return
        if action == "room":
            await self._room(course)
            return
        if action not in actions:
            raise web.HTTPError(400)
        try:
            actions[action](course)
        except FieldError as problem:
            self._page(course, problem=say(problem, translation_of(self)))
            return
        self.db.commit()
        self.back_to(name)

    def _open(self, course: Course) -> None:
        now = datetime.now(UTC)
        if course.schedule.is_before(now):
            course.opens_at = now
        if course.schedule.is_after(now):
            course.closes_at = None

    def _close(self, course: Course) -> None:
        now = datetime.now(UTC)
        course.closes_at = now
        if course.opens_at is not None and course.opens_at >= now:
            course.opens_at = None

    def _add_code(self, course: Course) -> None:
        asked = {field: self.get_body_argument(field, "") for field in ("role", "seats", "expires")}
        role, seats, expires_at = read_code(asked, timezone=course.timezone)
        courses.add_code(self.db, course, role=role, seats=seats, expires_at=expires_at)

    def _revoke(self, course: Course) -> None:
        code = courses.find_code(self.db, self.get_body_argument("code", ""))
        if code is not None and code.course is course:
            courses.revoke(self.db, code, datetime.now(UTC))

    def _leave(self, course: Course) -> None:
        person = orm.User.find(self.db, self.get_body_argument("user", ""))
        if person is not None:
            courses.leave(self.db, person, course)

    async def _room(self, course: Course) -> None:
        opened = await open_room(self, course, members_of(self.db, course.name))
        translation = translation_of(self)
        said = []
        if opened.asked:
            starting = translation.ngettext(
                "The room opens: {count} server is starting, behind people who wait for theirs.",
                "The room opens: {count} servers are starting, behind people who wait for theirs.",
                opened.asked,
            )
            said.append(starting.format(count=opened.asked))
        if opened.refusals:
            left_out = translation.ngettext(
                "{count} server does not start now. {why}",
                "{count} servers do not start now. {why}",
                len(opened.refusals),
            )
            why = told(opened.refusals[0], translation)
            said.append(left_out.format(count=len(opened.refusals), why=why))
        self._page(course, done=" ".join(said) or translation.gettext("Everybody's server runs already."))

    async def _memory(self, course: Course) -> None:
        one = self.get_body_argument("user", "")
        try:
            wanted = read_memory(self.get_body_argument("memory", ""))
        except FieldError as problem:
            self._page(course, problem=say(problem, translation_of(self)))
            return
        servers = servers_in(self.db, self.users, course.name)
        changed = await change_memory([each for each in servers if one in ("", each.user.name)], wanted)
        translation = translation_of(self)
        done = translation.ngettext(
            "{count} running server has {memory} MB now, until it is stopped.",
            "{count} running servers have {memory} MB now, until they are stopped.",
            len(changed.names),
        ).format(count=len(changed.names), memory=wanted // MIB)
        refused = " ".join(told(problem, translation) for problem in changed.refused)
        self._page(course, problem=refused, done=done if changed.names else "")


class DeleteCourseHandler(CoursePage):
    """/hub/courses/<name>/delete: asks; people, homes and the shared folder stay."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Ask."""
        course = self.course(name)
        self.show("course-delete.html", course=course, members=len(members_of(self.db, name)))

    @web.authenticated
    async def post(self, name: str) -> None:
        """Delete it."""
        courses.delete(self.db, self.course(name))
        self.back_to()


def say(problem: FieldError, translation: NullTranslations) -> str:
    """Write a field that cannot be used as a sentence of the page, in a language."""
    what, hint = translated(problem, translation)
    label = translation.gettext(_LABELS[problem.where])
    hint = f" {hint[:1].upper()}{hint[1:]}." if hint else ""
    return f"{label}: {what}.{hint}"
