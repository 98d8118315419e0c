"""Accounts for a whole list: all of them or none, off the event loop, each with a one-time link."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from jupyterhub import orm
from nativeauthenticator.orm import UserInfo
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from lectern.hub import one_time_links, roles
from lectern.hub.people.listed import Listed
from lectern.hub.people.lists import LineError, ListError, name_accounts
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from lectern.hub.people.lists import NewAccount, Person
    from lectern.hub.roles import Role


@dataclass(frozen=True)
class Slip:
    """What somebody is handed: their account's name, and the link that opens it once."""

    name: str  # as it stood in the list
    account: str
    role: Role
    link: str


async def enrol_list(
    db: Session,
    course: str,
    people: list[Person],
    *,
    protected: Collection[str],
    unusable_hash: bytes,
    address: str,
    now: datetime,
) -> list[Slip]:
    """Make an account for everybody of a list, in a course.

    Parameters
    ----------
    protected : Collection[str]
        Names that nobody may look like.
    unusable_hash : bytes
        A hash whose password nobody knows: until the link is used no password opens the account.
    address : str
        The hub's, ending with a slash.

    Raises
    ------
    ListError
        A name cannot be used, or was taken while the accounts were made; nothing is made then.
    """
    taken = {name for (name,) in db.query(orm.User.name)} | {name for (name,) in db.query(UserInfo.username)}
    new = name_accounts(people, taken=taken, protected=protected)
    groups = _ensure_groups(db, course, new)
    tokens = {one.account: one_time_links.new_token() for one in new}
    try:
        await asyncio.to_thread(
            _insert,
            cast("Engine", db.get_bind()),
            course,
            new,
            groups=groups,
            tokens=tokens,
            unusable_hash=unusable_hash,
            now=now,
        )
    except IntegrityError as problem:
        text = to_translate("Somebody took one of the names just now. Please send the list again.")
        raise ListError(LineError(text)) from problem
    for group in db.query(orm.Group).filter(orm.Group.name.in_(groups)):
        db.expire(group, ["users"])  # the hub's session knows the old members
    return [
        Slip(one.person.name, one.account, one.person.role, f"{address}link/{tokens[one.account]}")
        for one in new
    ]


def _ensure_groups(db: Session, course: str, new: list[NewAccount]) -> dict[str, int]:
    found = {}
    for name in {group for one in new for group in roles.groups_of(course, one.person.role)}:
        group = orm.Group.find(db, name)
        if group is None:
            group = orm.Group(name=name)
            db.add(group)
        found[name] = group
    db.commit()
    return {name: group.id for name, group in found.items()}


def _insert(
    engine: Engine,
    course: str,
    new: list[NewAccount],
    *,
    groups: dict[str, int],
    tokens: dict[str, str],
    unusable_hash: bytes,
    now: datetime,
) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(UserInfo),
            [{"username": one.account, "password": unusable_hash, "is_authorized": True} for one in new],
        )
        made = connection.execute(
            insert(orm.User).returning(orm.User.id, orm.User.name), [{"name": one.account} for one in new]
        )
        ids = {name: number for number, name in made}
        connection.execute(
            insert(orm.user_group_map),
            [
                {"user_id": ids[one.account], "group_id": groups[group]}
                for one in new
                for group in roles.groups_of(course, one.person.role)
            ],
        )
        connection.execute(
            insert(Listed),
            [{"username": one.account, "name": one.person.name, "email": one.person.email} for one in new],
        )
        connection.execute(
            insert(one_time_links.OneTimeLink),
            [
                {
                    "hashed": one_time_links.hash_of(tokens[one.account]),
                    "username": one.account,
                    "expires_at": now + one_time_links.SLIP_LIFETIME,
                }
                for one in new
            ],
        )
