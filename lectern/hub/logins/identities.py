"""Who is who: (provider, stable id) → our user. A table of ours, in the hub's database.

A name at a provider opens nothing here: it can be changed there, and given to somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyterhub import orm
from nativeauthenticator.orm import UserInfo
from sqlalchemy import ForeignKey, Unicode, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lectern.hub import accounts
from lectern.hub.accounts import SignUpError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy.orm import Session


class LinkError(SignUpError):
    """An identity cannot be linked; `what` is a sentence for the person."""


class Identity(orm.Base):
    """Somebody at a provider is a user here."""

    __tablename__ = "lectern_identities"
    __table_args__ = (UniqueConstraint("provider", "subject"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(Unicode(255))
    subject: Mapped[str] = mapped_column(Unicode(255))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


def ensure_table(db: Session) -> None:
    """Make the table where it is missing."""
    Identity.__table__.create(db.get_bind(), checkfirst=True)


def suggest_name(theirs: str) -> str:
    """Make a name of ours from a provider's: its letters a to z, digits and hyphens.

    Of an e-mail address only the part before the ``@`` counts.
    """
    name = accounts.plain_name(theirs.partition("@")[0])
    return name if len(name) >= accounts.NAME_MIN else f"{accounts.NAMELESS}-{name}".strip("-")


def free_name(theirs: str, *, is_taken: Callable[[str], bool], protected: Collection[str]) -> str:
    """Find a name that nobody has: the suggested one, or with the first free number behind it.

    Parameters
    ----------
    theirs : str
        What the provider calls the person.
    is_taken : Callable[[str], bool]
        Whether a name is somebody's.
    protected : Collection[str]
        Names that no newcomer may look like: the admins'.
    """
    name = suggest_name(theirs)
    try:
        accounts.check_name(name, protected=protected)
    except SignUpError:
        name = accounts.NAMELESS
    return accounts.free_name(name, is_taken=is_taken)


def find(db: Session, provider: str, subject: str) -> orm.User | None:
    """Find the user that somebody at a provider is."""
    known = db.query(Identity).filter_by(provider=provider, subject=subject).first()
    return db.get(orm.User, known.user_id) if known else None


def ensure_user(
    db: Session, provider: str, subject: str, theirs: str, protected: Collection[str]
) -> orm.User:
    """Give the user that somebody at a provider is; a newcomer gets a new user under a free name.

    Nothing is awaited here, so two newcomers never get one name.
    """
    user = find(db, provider, subject)
    if user is None:

        def is_taken(name: str) -> bool:
            return orm.User.find(db, name) is not None or UserInfo.find(db, name) is not None

        user = orm.User(name=free_name(theirs, is_taken=is_taken, protected=protected))
        db.add(user)
        db.flush()
        db.add(Identity(provider=provider, subject=subject, user_id=user.id))
        db.commit()
    return user


def link(db: Session, provider: str, subject: str, user: orm.User) -> None:
    """Let somebody who is logged in come by a provider as well, from now on.

    Raises
    ------
    LinkError
        The identity is another user's.
    """
    known = find(db, provider, subject)
    if known is not None and known.id != user.id:
        raise LinkError(
            to_translate(
                "This login belongs to the account “{name}” already. "
                "Please ask your teacher: an admin can delete the account that is not needed."
            ),
            name=known.name,
        )
    if known is None:
        db.add(Identity(provider=provider, subject=subject, user_id=user.id))
        db.commit()


def providers_of(db: Session, user: orm.User) -> set[str]:
    """List the providers that a user may come by."""
    return {row.provider for row in db.query(Identity).filter_by(user_id=user.id)}


def forget(db: Session, user: orm.User) -> None:
    """Remove a user's identities: the next login with one of them is a newcomer's."""
    db.query(Identity).filter_by(user_id=user.id).delete()
    db.commit()
