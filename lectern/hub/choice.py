"""Where somebody can work: a course and one of its environments. Pure: courses and `now` are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.hub.roles import Role, role_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from lectern.hub.codes import CourseClosedError
    from lectern.hub.courses import Course


@dataclass(frozen=True)
class Place:
    """A course, and the environment that somebody would work in."""

    course: str
    course_id: int
    title: str
    environment: str
    role: Role
    refusal: CourseClosedError | None  # why servers do not start now
    memory_bytes: int | None
    cpus: float | None
    processes: int | None
    materials: str

    @property
    def key(self) -> str:
        """Give what a form sends for it; a slash is in neither name."""
        return f"{self.course}/{self.environment}"

    @property
    def options(self) -> dict[str, str]:
        """Give it as JupyterHub keeps it for the next start."""
        return {"course": self.course, "environment": self.environment}


def places(courses: Iterable[Course], groups: Collection[str], now: datetime) -> list[Place]:
    """List where somebody with these groups can work, in order of courses and their environments.

    Whoever helps or instructs prepares the course before it opens, and looks after it when it has closed.
    """
    found = []
    for course in courses:
        role = role_in(course.name, groups)
        if role is None:
            continue
        refusal = course.schedule.refusal(course.title, now) if role is Role.PARTICIPANT else None
        found += [
            Place(
                course=course.name,
                course_id=course.id,
                title=course.title,
                environment=environment,
                role=role,
                refusal=refusal,
                memory_bytes=course.memory_bytes,
                cpus=course.cpus,
                processes=course.processes,
                materials=course.materials,
            )
            for environment in course.environments
        ]
    return found


def matching(known: Sequence[Place], *, course: str = "", environment: str = "") -> list[Place]:
    """List the places of this course and this environment; an empty name fits any."""
    return [
        place for place in known if course in ("", place.course) and environment in ("", place.environment)
    ]


def find_place(known: Sequence[Place], *, course: str = "", environment: str = "") -> Place | None:
    """Find the first of `matching`."""
    return next(iter(matching(known, course=course, environment=environment)), None)


def remembered(known: Sequence[Place], options: Mapping[str, Any]) -> Place | None:
    """Find the place that somebody chose last, as long as they are still in that course."""
    course, environment = (str(options.get(name) or "") for name in ("course", "environment"))
    return find_place(known, course=course, environment=environment) if course or environment else None


def usual_place(known: Sequence[Place], options: Mapping[str, Any]) -> Place | None:
    """Give where somebody starts who was not asked: as last time, else in the first that is open."""
    last = remembered(known, options)
    if last is not None and last.refusal is None:
        return last
    is_open = (place for place in known if place.refusal is None)
    return next(is_open, next(iter(known), None))
