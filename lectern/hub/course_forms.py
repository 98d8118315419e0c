"""The form that makes a course or changes it.

An instructor gives only environments of courses that they instruct: course_pages.py says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tornado import web

from lectern.hub import courses
from lectern.hub.course_fields import CourseFields, FieldError, check_name, read_fields
from lectern.hub.course_pages import CoursePage, say
from lectern.hub.language import translation_of
from lectern.hub.roles import Role
from lectern.settings import MIB
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from lectern.hub.courses import Course

_FORM_FIELDS = (
    "title",
    "environments",
    "opens",
    "closes",
    "timezone",
    "memory",
    "cpus",
    "processes",
    "materials",
    "helping",
)


class _CourseForm(CoursePage):
    """The form of a new course and of one that is changed."""

    def form(self, typed: Mapping[str, str], *, course: Course | None = None, problem: str = "") -> None:
        """Render it with what was typed."""
        if problem:
            self.set_status(400)
        self.show(
            "course-edit.html",
            typed=typed,
            course=course,
            problem=problem,
            allowed=self.allowed_environments(),
            default_memory_mb=self.authenticator.lectern_settings.memory // MIB,
        )

    def typed(self) -> dict[str, str]:
        """Give what was sent."""
        return {field: self.get_body_argument(field, "") for field in (*_FORM_FIELDS, "name")}

    def read(self, typed: Mapping[str, str], before: CourseFields) -> CourseFields:
        """Read the form.

        Raises
        ------
        FieldError
            A field cannot be used, or an environment is somebody else's.
        """
        fields = read_fields({field: typed[field] for field in _FORM_FIELDS}, before)
        if not self.current_user.admin:
            foreign = set(fields.environments) - {*self.allowed_environments(), *before.environments}
            if foreign:
                raise FieldError(
                    to_translate("`{name}` is in none of your courses"),
                    where="environments",
                    hint=to_translate("make it on the environments' page, or ask an administrator"),
                    name=min(foreign),
                )
        return fields


class NewCourseHandler(_CourseForm):
    """/hub/new-course: whoever instructs a course, or is admin, makes another and instructs it."""

    @web.authenticated
    async def get(self) -> None:
        """Show an empty form."""
        self.require_teacher()
        self.form(dict.fromkeys((*_FORM_FIELDS, "name"), "") | {"timezone": "UTC"})

    @web.authenticated
    async def post(self) -> None:
        """Make it."""
        self.require_teacher()
        typed = self.typed()
        try:
            name = check_name(typed["name"].strip())
            typed["title"] = typed["title"].strip() or name
            fields = self.read(typed, CourseFields(title=name))
            courses.require_free(self.db, name)
        except FieldError as problem:
            self.form(typed, problem=say(problem, translation_of(self)))
            return
        course = courses.create(self.db, name, fields)
        courses.join(self.db, self.current_user.orm_user, course, role=Role.INSTRUCTOR)
        self.back_to(name)


class EditCourseHandler(_CourseForm):
    """/hub/courses/<name>/edit."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show the form with what holds."""
        course = self.course(name)
        self.form(written(course), course=course)

    @web.authenticated
    async def post(self, name: str) -> None:
        """Change it."""
        course, typed = self.course(name), self.typed()
        try:
            fields = self.read(typed, course.fields)
        except FieldError as problem:
            self.form(typed, course=course, problem=say(problem, translation_of(self)))
            return
        courses.set_fields(course, fields)
        self.db.commit()
        self.back_to(name)


def written(course: Course) -> dict[str, str]:
    """Give a course as its form has it."""
    zone = ZoneInfo(course.timezone)

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" if moment else ""

    return {
        "name": course.name,
        "title": course.title,
        "environments": ", ".join(course.environments),
        "opens": local(course.opens_at),
        "closes": local(course.closes_at),
        "timezone": course.timezone,
        "memory": f"{course.memory_bytes // MIB} MB" if course.memory_bytes else "",
        "cpus": f"{course.cpus:g}" if course.cpus else "",
        "processes": str(course.processes or ""),
        "materials": course.materials,
        "helping": "yes" if course.allows_helping else "",
    }
