"""The people of a course and the servers that they have, at little cost for however many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy.orm import selectinload

from lectern import names

if TYPE_CHECKING:
    from jupyterhub.user import UserDict
    from sqlalchemy.orm import Session

    from lectern.hub.spawner import WorkspaceSpawner


def members_of(db: Session, course: str) -> list[orm.User]:
    """List a course's members by name, their groups among what was asked of the database."""
    people = (
        db.query(orm.User)
        .join(orm.User.groups)
        .filter(orm.Group.name == names.course_group(course))
        .options(selectinload(orm.User.groups))
    )
    return sorted(people, key=lambda person: str(person.name))


def spawner_of(users: UserDict, person: orm.User) -> WorkspaceSpawner | None:
    """Give somebody's spawner; None for those who had no server since the hub started.

    Asked otherwise, JupyterHub makes a spawner and writes a row for each person: seconds for a full course.
    After a restart it makes those of all servers that run.
    """
    return users[person].spawners.get("") if person in users else None


def servers_in(db: Session, users: UserDict, course: str) -> list[WorkspaceSpawner]:
    """List the servers that run in a course, by their owners' names."""
    spawners = (spawner_of(users, person) for person in members_of(db, course))
    return [one for one in spawners if one and one.ready and one.running_course == course]


def course_of_server(users: UserDict, person: orm.User) -> str:
    """Name the course that somebody's running server is in; empty when it does not run."""
    spawner = spawner_of(users, person)
    return str(spawner.running_course) if spawner and spawner.ready else ""
