"""What a list said of whom: the name as it stood there, and the e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy import Unicode
from sqlalchemy.orm import Mapped, mapped_column

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


class Listed(orm.Base):
    """Somebody whose account was made from a list. It goes with the account."""

    __tablename__ = "lectern_listed"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(Unicode(255), unique=True)
    name: Mapped[str] = mapped_column(Unicode(200))
    email: Mapped[str] = mapped_column(Unicode(200), default="")


def ensure_table(db: Session) -> None:
    """Make the table where it is missing."""
    Listed.__table__.create(db.get_bind(), checkfirst=True)


def of(db: Session, usernames: Collection[str]) -> dict[str, Listed]:
    """Give what lists said of these people, by account."""
    found = db.query(Listed).filter(Listed.username.in_(usernames))
    return {one.username: one for one in found}


def forget(db: Session, username: str) -> None:
    """Remove what a list said, with the account."""
    db.query(Listed).filter_by(username=username).delete(synchronize_session=False)
    db.commit()
