"""Who agreed to which privacy notice, and when."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

from jupyterhub import orm
from sqlalchemy import Unicode
from sqlalchemy.orm import Mapped, mapped_column

from lectern.hub.moment import Moment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lectern.hub.notice import Notice


class Consent(orm.Base):
    """Somebody agreed to a text. It goes with the account."""

    __tablename__ = "lectern_consents"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(Unicode(255), index=True)
    hashed: Mapped[str] = mapped_column(Unicode(64))  # of the text
    given_at: Mapped[datetime] = mapped_column(Moment)


def ensure_table(db: Session) -> None:
    """Make the table where it is missing."""
    Consent.__table__.create(db.get_bind(), checkfirst=True)


def give(db: Session, username: str, notice: Notice, now: datetime) -> None:
    """Write down that somebody agreed; the first time counts."""
    if find(db, username, notice) is None:
        db.add(Consent(username=username, hashed=notice.hashed, given_at=now))
        db.commit()


def find(db: Session, username: str, notice: Notice) -> Consent | None:
    """Find somebody's consent to this very text."""
    found: Consent | None = db.query(Consent).filter_by(username=username, hashed=notice.hashed).first()
    return found


def forget(db: Session, username: str) -> None:
    """Remove all that somebody agreed to, with the account."""
    db.query(Consent).filter_by(username=username).delete(synchronize_session=False)
    db.commit()
