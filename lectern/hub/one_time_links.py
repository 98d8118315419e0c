"""Links that lead to choosing a password, once. The table has only their hashes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy import Unicode, update
from sqlalchemy.orm import Mapped, mapped_column

from lectern.hub.accounts import SignUpError
from lectern.hub.moment import Moment
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

SLIP_LIFETIME = timedelta(days=14)
RESET_LIFETIME = timedelta(hours=1)


class OneTimeLink(orm.Base):
    """A link that was handed out."""

    __tablename__ = "lectern_one_time_links"
    id: Mapped[int] = mapped_column(primary_key=True)
    hashed: Mapped[str] = mapped_column(Unicode(64), unique=True)
    username: Mapped[str] = mapped_column(Unicode(255), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class LinkError(SignUpError):
    """A link leads nowhere; `what` is a sentence for who followed it."""


def hash_of(token: str) -> str:
    """Give what the table has of a link: tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Make a link's secret: 160 bits."""
    return secrets.token_urlsafe(20)


def ensure_table(db: Session) -> None:
    """Make the table where it is missing."""
    OneTimeLink.__table__.create(db.get_bind(), checkfirst=True)


def hand_out(db: Session, username: str, lifetime: timedelta, now: datetime) -> str:
    """Make a link for somebody and give its secret, which nobody can read again; older ones end."""
    forget(db, {username})
    token = new_token()
    db.add(OneTimeLink(hashed=hash_of(token), username=username, expires_at=now + lifetime))
    db.commit()
    return token


def find(db: Session, token: str, now: datetime) -> OneTimeLink:
    """Find a link that still leads somewhere.

    Raises
    ------
    LinkError
        It was used, is too old, or nobody made it.
    """
    link: OneTimeLink | None = db.query(OneTimeLink).filter_by(hashed=hash_of(token)).one_or_none()
    if link is None:
        raise LinkError(
            to_translate("This link is not known. Please compare it with your slip, or ask for a new one.")
        )
    if link.used_at is not None:
        raise LinkError(
            to_translate("This link was used already. Please log in with the password that was chosen.")
        )
    if link.expires_at <= now:
        raise LinkError(to_translate("This link is too old. Please ask your teacher for a new one."))
    return link


def use(db: Session, link: OneTimeLink, now: datetime) -> bool:
    """Use a link up, in the caller's transaction; of any number at once one only is told True."""
    used = db.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    db.expire(link)
    return used is not None


def forget(db: Session, usernames: Collection[str]) -> None:
    """Remove all links of people, in the caller's transaction."""
    db.query(OneTimeLink).filter(OneTimeLink.username.in_(usernames)).delete(synchronize_session=False)
