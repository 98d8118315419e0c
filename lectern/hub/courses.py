"""Courses and their sign-up codes: our one table, in the hub's database."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from jupyterhub import orm
from sqlalchemy import Unicode
from sqlalchemy.orm import Mapped, mapped_column

from lectern import names

if TYPE_CHECKING:
    from lectern.settings import Settings

#: No letters that are taken for one another when read from a board: no I, O, 0, 1.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_HALF = 4


class Course(orm.Base):
    """A course: who knows its code may sign up, and works in its environment."""

    __tablename__ = "lectern_courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Unicode(64), unique=True)
    code: Mapped[str] = mapped_column(Unicode(32), unique=True)
    environment: Mapped[str] = mapped_column(Unicode(64))


def new_code() -> str:
    """Make a code of 40 bits, as in ABCD-EFGH."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def normalise_code(typed: str) -> str:
    """Give the code that somebody meant: case, blanks and hyphens do not count."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def ensure_first_course(db: Any, settings: Settings) -> None:  # noqa: ANN401 - SQLAlchemy's session
    """Make the table and the first course where they are missing."""
    Course.__table__.create(db.get_bind(), checkfirst=True)
    if db.query(Course).first() is None:
        db.add(Course(name=settings.environment, code=new_code(), environment=settings.environment))
        db.commit()


def all_courses(db: Any) -> list[Course]:  # noqa: ANN401
    """List the courses by name."""
    return list(db.query(Course).order_by(Course.name))


def find_by_code(db: Any, typed: str) -> Course | None:  # noqa: ANN401
    """Find the course that a typed code opens."""
    wanted = normalise_code(typed)
    return next((course for course in all_courses(db) if normalise_code(course.code) == wanted), None)


def join(db: Any, user: orm.User, course: Course, *, as_instructor: bool = False) -> None:  # noqa: ANN401
    """Put somebody into a course's group; an instructor into the instructors' as well. Idempotent."""
    groups = [names.course_group(course.name)]
    if as_instructor:
        groups.append(names.instructor_group(course.name))
    for name in groups:
        group = orm.Group.find(db, name)
        if group is None:
            group = orm.Group(name=name)
            db.add(group)
        if user not in group.users:
            group.users.append(user)
    db.commit()


def course_of(db: Any, group_names: set[str]) -> Course | None:  # noqa: ANN401
    """Find the course that somebody with these groups works in; the first by name."""
    return next(
        (course for course in all_courses(db) if names.course_group(course.name) in group_names), None
    )
