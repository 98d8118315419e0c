"""What somebody is in each course, as the database has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lectern.hub.people.rules import Standing
from lectern.hub.roles import Role, group_names, role_in

if TYPE_CHECKING:
    from jupyterhub import orm


def standing_of(user: orm.User, known: list[str]) -> Standing:
    """Say what somebody is in each of these courses."""
    groups = group_names(user)
    by_course = {course: role_in(course, groups) for course in known}
    return Standing(
        name=user.name,
        is_admin=bool(user.admin),
        courses=frozenset(name for name, role in by_course.items() if role is not None),
        instructs=frozenset(name for name, role in by_course.items() if role is Role.INSTRUCTOR),
        helps=frozenset(name for name, role in by_course.items() if role is Role.HELPER),
    )
