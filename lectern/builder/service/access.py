"""Who may do what with an environment. Pure: people and courses come from the hub (hub_api.py)."""

from __future__ import annotations

from dataclasses import dataclass

from lectern import names
from lectern.errors import AccessError
from lectern.web.translation import to_translate


@dataclass(frozen=True)
class Person:
    """Somebody whom the hub knows."""

    name: str
    is_admin: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Course:
    """A course, as far as the builder needs it."""

    name: str
    environments: tuple[str, ...]


#: Who acts by the `lectern` command inside the container: whoever may run that may do anything.
OPERATOR = Person("operator", is_admin=True)


def may_edit(person: Person, environment: str, courses: tuple[Course, ...]) -> bool:
    """Say whether somebody may see, push, publish, roll back, edit and delete an environment."""
    return person.is_admin or any(environment in course.environments for course in taught(person, courses))


def taught(person: Person, courses: tuple[Course, ...]) -> tuple[Course, ...]:
    """Give the courses for which somebody may create environments: an instructor's own, an admin's all."""
    if person.is_admin:
        return courses
    return tuple(course for course in courses if names.instructor_group(course.name) in person.groups)


def is_instructor(person: Person) -> bool:
    """Say whether somebody teaches anything: others have no business with environments."""
    prefix = names.instructor_group("")
    return person.is_admin or any(group.startswith(prefix) for group in person.groups)


def require_edit(person: Person, environment: str, courses: tuple[Course, ...]) -> None:
    """See that somebody may work on an environment.

    Raises
    ------
    AccessError
        They may not; says who may.
    """
    if may_edit(person, environment, courses):
        return
    users = sorted(course.name for course in courses if environment in course.environments)
    if not is_instructor(person):
        raise AccessError(
            to_translate("environments are for instructors"),
            where=person.name,
            hint=to_translate("ask an instructor of your course for what you need"),
        )
    what = to_translate("you may not change the environment {environment}")
    if not users:
        hint = to_translate("an admin can")
        raise AccessError(what, where=person.name, hint=hint, environment=environment)
    raise AccessError(
        what,
        where=person.name,
        hint=to_translate("an instructor of {courses} can, and may make you one there"),
        environment=environment,
        courses=", ".join(users),
    )


def require_create(person: Person, course: str | None, courses: tuple[Course, ...]) -> None:
    """See that somebody may create an environment for a course; without a course only an admin may.

    Raises
    ------
    AccessError
        They may not.
    """
    if person.is_admin or any(own.name == course for own in taught(person, courses)):
        return
    raise AccessError(
        to_translate("you may not create environments for {course}")
        if course
        else to_translate("only an admin creates an environment for no course"),
        where=person.name,
        hint=to_translate("name a course whose instructor you are"),
        course=course,
    )
