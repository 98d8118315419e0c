"""Who is what in a course, as JupyterHub groups say it. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from lectern import names

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyterhub import orm


class Role(StrEnum):
    """What somebody is in one course; each may do what the one before may."""

    PARTICIPANT = "participant"
    HELPER = "helper"
    INSTRUCTOR = "instructor"

    @property
    def rank(self) -> int:
        """Give how much the role may: a higher one includes the lower."""
        return list(Role).index(self)


def group_names(user: orm.User) -> set[str]:
    """Name the groups that somebody is in."""
    return {group.name for group in user.groups}


def groups_of(course: str, role: Role) -> tuple[str, ...]:
    """Name the groups that make somebody `role` in a course."""
    everybody = names.course_group(course)
    match role:
        case Role.PARTICIPANT:
            return (everybody,)
        case Role.HELPER:
            return (everybody, names.helper_group(course))
        case Role.INSTRUCTOR:
            return (everybody, names.instructor_group(course))


def all_groups(course: str) -> tuple[str, ...]:
    """Name every group of a course."""
    return (names.course_group(course), names.helper_group(course), names.instructor_group(course))


def role_in(course: str, groups: Collection[str]) -> Role | None:
    """Say what somebody with these groups is in a course; None outside it."""
    if names.instructor_group(course) in groups:
        return Role.INSTRUCTOR
    if names.helper_group(course) in groups:
        return Role.HELPER
    return Role.PARTICIPANT if names.course_group(course) in groups else None
