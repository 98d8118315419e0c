"""Memberships that a provider's groups gave, told apart from those by code or by hand.

Only what a provider gave is taken away when it no longer says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyterhub import orm

from lectern.hub.courses import Grant, all_courses
from lectern.hub.roles import all_groups, group_names

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy.orm import Session


def apply(db: Session, user: orm.User, provider: str, wanted: AbstractSet[str]) -> None:
    """Bring what a provider gave to what it gives now.

    A group that somebody is in by code or by hand is left as it is, whatever the provider says.
    Groups of a course that is not there are not made: its name stays free.
    """
    wanted = wanted & {group for course in all_courses(db) for group in all_groups(course.name)}
    rows = db.query(Grant).filter_by(user_id=user.id).all()
    own = {row.group: row for row in rows if row.provider == provider}
    others = {row.group for row in rows if row.provider != provider}
    member_of = group_names(user)
    for name in sorted(wanted - own.keys()):
        if name in member_of and name not in others:
            continue
        _enter(db, user, name)
        db.add(Grant(user_id=user.id, group=name, provider=provider))
    for name in sorted(own.keys() - wanted):
        db.delete(own[name])
        if name not in others:
            _leave(db, user, name)
    for name in sorted(wanted & own.keys()):
        _enter(db, user, name)  # somebody took them out by hand: the provider still says so
    db.commit()


def _enter(db: Session, user: orm.User, name: str) -> None:
    group = orm.Group.find(db, name)
    if group is None:
        group = orm.Group(name=name)
        db.add(group)
    if user not in group.users:
        group.users.append(user)


def _leave(db: Session, user: orm.User, name: str) -> None:
    group = orm.Group.find(db, name)
    if group is not None and user in group.users:
        group.users.remove(user)


def forget(db: Session, user: orm.User) -> None:
    """Remove what is noted of a user; with the user the memberships go as well."""
    db.query(Grant).filter_by(user_id=user.id).delete()
    db.commit()
