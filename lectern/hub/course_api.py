"""Courses as other programs ask for them: the `lectern` command, and the builder for environments.

An administrator's token does everything; the builder's service lists courses and adds environments to them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from tornado import web

from lectern import names
from lectern.hub import courses
from lectern.hub.course_fields import (
    CourseFields,
    FieldError,
    check_name,
    read_code,
    read_fields,
    read_memory,
)
from lectern.hub.members import servers_in, spawner_of
from lectern.hub.memory import change_memory
from lectern.settings import MIB

if TYPE_CHECKING:
    from lectern.hub.courses import Course, CourseCode
    from lectern.hub.spawner import WorkspaceSpawner

_ALL = "admin:groups"  # JupyterHub's scope of whoever decides who is in which group: admins and the command


def describe_code(code: CourseCode, *, address: str) -> dict[str, Any]:
    """Give a code as JSON has it."""
    return {
        "code": code.code,
        "role": code.role,
        "seats": code.seats,
        "seats_taken": code.seats_taken,
        "expires_at": _iso(code.expires_at),
        "revoked_at": _iso(code.revoked_at),
        "is_usable": code.is_usable(datetime.now(UTC)),
        "join_url": f"{address}join/{code.code}",
    }


def describe(course: Course, *, address: str) -> dict[str, Any]:
    """Give a course as JSON has it; `address` ends with the hub's prefix."""
    return {
        "name": course.name,
        "title": course.title,
        "code": course.code,
        "environment": course.environment,
        "environments": course.environments,
        "join_url": f"{address}join/{course.code}",
        "is_open": course.schedule.is_open(datetime.now(UTC)),
        "opens_at": _iso(course.opens_at),
        "closes_at": _iso(course.closes_at),
        "timezone": course.timezone,
        "memory_mb": course.memory_bytes and course.memory_bytes // MIB,
        "cpus": course.cpus,
        "processes": course.processes,
        "materials": course.materials,
        "helping": course.allows_helping,
        "codes": [describe_code(code, address=address) for code in course.codes],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


class LecternApi(APIHandler):
    """What these handlers share."""

    def require(self, *, builder_too: bool = False) -> None:
        """Refuse whoever has no say in courses."""
        asking = self.current_user
        is_builder = isinstance(asking, orm.Service) and asking.name == names.SERVICE
        if not (_ALL in self.expanded_scopes or (builder_too and is_builder)):
            raise web.HTTPError(403, "Only an administrator's token may do this.")

    def course(self, name: str) -> Course:
        """Find the course of the address."""
        found = courses.find_course(self.db, name)
        if found is None:
            raise web.HTTPError(404, f"There is no course `{name}`.")
        return found

    def asked(self) -> dict[str, Any]:
        """Read the request's JSON object."""
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as problem:
            raise web.HTTPError(400, "The request is no JSON.") from problem
        if not isinstance(body, dict):
            raise web.HTTPError(400, "The request is no JSON object.")
        return body

    @property
    def address(self) -> str:
        """Where people reach the hub, with its prefix."""
        return f"{self.authenticator.lectern_settings.address}{self.hub.base_url}"

    def show(self, course: Course) -> None:
        """Answer with a course."""
        self.finish(describe(course, address=self.address))


def refuse(problem: FieldError) -> web.HTTPError:
    """Turn a field that cannot be used into an answer that names it."""
    return web.HTTPError(400, str(problem))


class CoursesApi(LecternApi):
    """/hub/api/lectern/courses."""

    async def get(self) -> None:
        """List the courses with their codes."""
        self.require(builder_too=True)
        listed = [describe(course, address=self.address) for course in courses.all_courses(self.db)]
        self.finish({"courses": listed})

    async def post(self) -> None:
        """Make a course."""
        self.require()
        asked = self.asked()
        try:
            name = check_name(str(asked.pop("name", "")))
            fields = read_fields(asked, CourseFields(title=name))
            courses.require_free(self.db, name)
        except FieldError as problem:
            raise refuse(problem) from problem
        self.set_status(201)
        self.show(courses.create(self.db, name, fields))


class CourseApi(LecternApi):
    """/hub/api/lectern/courses/<name>."""

    async def get(self, name: str) -> None:
        """Give one."""
        self.require(builder_too=True)
        self.show(self.course(name))

    async def patch(self, name: str) -> None:
        """Change the fields that the request has."""
        self.require()
        course = self.course(name)
        try:
            fields = read_fields(self.asked(), course.fields)
        except FieldError as problem:
            raise refuse(problem) from problem
        courses.set_fields(course, fields)
        self.db.commit()
        self.show(course)

    async def delete(self, name: str) -> None:
        """Delete it; homes and the shared folder stay."""
        self.require()
        courses.delete(self.db, self.course(name))
        self.set_status(204)


class EnvironmentsApi(LecternApi):
    """/hub/api/lectern/courses/<name>/environments."""

    async def post(self, name: str) -> None:
        """Add an environment at the end."""
        self.require(builder_too=True)
        course = self.course(name)
        try:
            added = check_name(str(self.asked().get("environment", "")), what="environment")
        except FieldError as problem:
            raise refuse(problem) from problem
        courses.set_environments(course, [*course.environments, added])
        self.db.commit()
        self.show(course)


class CodesApi(LecternApi):
    """/hub/api/lectern/courses/<name>/codes[/<code>]."""

    async def post(self, name: str) -> None:
        """Make a code: `role`, `seats`, `expires` (with an offset, or in the course's time zone)."""
        self.require()
        course = self.course(name)
        try:
            role, seats, expires_at = read_code(self.asked(), timezone=course.timezone)
        except FieldError as problem:
            raise refuse(problem) from problem
        code = courses.add_code(self.db, course, role=role, seats=seats, expires_at=expires_at)
        self.set_status(201)
        self.finish(describe_code(code, address=self.address))

    async def delete(self, name: str, typed: str) -> None:
        """Revoke a code; who came in by it stays."""
        self.require()
        code = courses.find_code(self.db, typed)
        if code is None or code.course is not self.course(name):
            raise web.HTTPError(404, f"The course `{name}` has no code `{typed}`.")
        courses.revoke(self.db, code, datetime.now(UTC))
        self.finish(describe_code(code, address=self.address))


class MemoryApi(LecternApi):
    """/hub/api/lectern/memory: another limit for servers that run."""

    async def post(self) -> None:
        """Change it for one `user`, or for all whose server runs in a `course`."""
        self.require()
        asked = self.asked()
        try:
            wanted = read_memory(str(asked.get("memory", "")))
        except FieldError as problem:
            raise refuse(problem) from problem
        changed = await change_memory(self._spawners(asked), wanted)
        if not (changed.names or changed.refused):
            raise web.HTTPError(409, "No such server runs.")
        refused = [problem.jupyterhub_message for problem in changed.refused]
        self.finish({"changed": changed.names, "refused": refused})

    def _spawners(self, asked: dict[str, Any]) -> list[WorkspaceSpawner]:
        if asked.get("user"):
            found = orm.User.find(self.db, str(asked["user"]))
            if found is None:
                raise web.HTTPError(404, "There is nobody of this name.")
            server = spawner_of(self.users, found)
            return [server] if server else []
        course = self.course(str(asked.get("course", "")))
        return servers_in(self.db, self.users, course.name)
