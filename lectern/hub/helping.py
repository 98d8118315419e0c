"""Servers that somebody else opens: the right to do so for a while, and the log of who did.

A helper's right is a share of JupyterHub's for one server and one person. It is made when they press
“Open” and taken back when the hour is over or a reason for it ends; `Watch` looks for that. An
administrator may always open a server by JupyterHub's own rules: the log has it all the same.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy import Unicode
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from lectern.hub.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

LIFETIME = timedelta(hours=1)
_LOOK_EVERY_S = 3

_log = logging.getLogger(__name__)


class Opening(orm.Base):
    """Somebody opened another's server. Names, not keys: the log outlives accounts and courses."""

    __tablename__ = "lectern_openings"
    id: Mapped[int] = mapped_column(primary_key=True)
    opener: Mapped[str] = mapped_column(Unicode(255))
    owner: Mapped[str] = mapped_column(Unicode(255), index=True)
    course: Mapped[str] = mapped_column(Unicode(64), index=True)  # that the server ran in; empty for none
    opened_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)  # None: an administrator, who needs no share
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)

    @property
    def is_shared(self) -> bool:
        """Say whether the opener's right is a share that can be taken back."""
        return self.until is not None


def ensure_table(db: Session) -> None:
    """Make the table where it is missing."""
    Opening.__table__.create(db.get_bind(), checkfirst=True)


def share(db: Session, opener: orm.User, spawner: orm.Spawner, course: str, now: datetime) -> Opening:
    """Let somebody into a running server for a while, and write it down; again means longer."""
    owner = spawner.user.name
    for before in _live(db, opener=opener.name, owner=owner):
        before.ended_at = now
    opening = Opening(opener=opener.name, owner=owner, course=course, opened_at=now, until=now + LIFETIME)
    # First the log, then the right: one without the other must not be the right.
    db.add(opening)
    db.commit()
    granted = orm.Share.grant(db, spawner, opener)
    granted.expires_at = opening.until.replace(tzinfo=None) if opening.until else None
    db.commit()
    return opening


def note(db: Session, opener: str, owner: str, course: str, now: datetime) -> None:
    """Write down that an administrator opened a server, once for each run of it."""
    if not _live(db, opener=opener, owner=owner):
        db.add(Opening(opener=opener, owner=owner, course=course, opened_at=now))
        db.commit()


def end(db: Session, opening: Opening, now: datetime) -> None:
    """Take the right back: the share, and the opener's tokens for that server."""
    opening.ended_at = now
    opener, owner = orm.User.find(db, opening.opener), orm.User.find(db, opening.owner)
    spawner = owner.orm_spawners.get("") if owner else None
    if opener is not None and spawner is not None and opening.is_shared:
        orm.Share.revoke(db, spawner, opener)
        if client := spawner.oauth_client:
            for token in list(opener.api_tokens):
                if token.client_id == client.identifier:
                    db.delete(token)
    db.commit()


def end_all_of(db: Session, name: str, now: datetime) -> None:
    """End what an account that goes has opened, and who is in its server."""
    for opening in (*_live(db, opener=name), *_live(db, owner=name)):
        end(db, opening, now)


def review(db: Session, is_still_right: Callable[[Opening], bool], now: datetime) -> None:
    """End every opening whose hour is over or whose reason is gone."""
    for opening in _live(db):
        is_over = opening.until is not None and opening.until <= now
        if is_over or not is_still_right(opening):
            end(db, opening, now)


def live_of(db: Session, owner: str) -> list[Opening]:
    """List who may be in somebody's server now."""
    return _live(db, owner=owner)


def past_of(db: Session, owner: str, since: datetime) -> list[Opening]:
    """List who has been in somebody's server since a moment, the last first.

    An account is told nothing of an earlier one of its name.
    """
    user = orm.User.find(db, owner)
    since = max(since, user.created.replace(tzinfo=UTC)) if user else since
    found = db.query(Opening).filter(
        Opening.owner == owner, Opening.opened_at >= since, Opening.ended_at.is_not(None)
    )
    return list(found.order_by(Opening.id.desc()))


def log_of(db: Session, course: str) -> list[Opening]:
    """List all openings in a course, the last first."""
    return list(db.query(Opening).filter_by(course=course).order_by(Opening.id.desc()))


def _live(db: Session, **by: str) -> list[Opening]:
    return list(db.query(Opening).filter_by(ended_at=None, **by))


class Watch:
    """Looks, as long as the hub runs, whether each opening is still right.

    Whatever changes - the course's setting, a membership, a role, where the server runs - changes in many
    places, JupyterHub's own among them; one look at all of them misses none.

    Parameters
    ----------
    db : Session
        The hub's.
    is_still_right : callable
        Says so of an opening.
    """

    def __init__(self, db: Session, is_still_right: Callable[[Opening], bool]) -> None:
        self._db, self._is_still_right = db, is_still_right

    def look(self) -> None:
        """Look once."""
        review(self._db, self._is_still_right, datetime.now(UTC))

    async def follow(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                self.look()
            except SQLAlchemyError:  # the database is away for a moment
                self._db.rollback()
                _log.exception("openings were not looked at")
