"""Bring the courses of an older installation into today's tables. Idempotent, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from lectern.hub.codes import normalise_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_COURSES = "lectern_courses"


def migrate(db: Session, tables: Sequence[Any]) -> None:
    """Make the tables that are missing.

    Until 2026.11 a course had one code and one environment, as columns of its own row: they become
    rows of their own. Whether helpers may open servers came later, as a column; nobody may where nobody
    was asked. Postgres makes tables within a transaction, so a hub that is stopped half-way
    finds everything as it was.
    """
    connection = db.connection()
    seen = inspect(connection)
    known = {column["name"] for column in seen.get_columns(_COURSES)} if seen.has_table(_COURSES) else set()
    course, environment, code = (table.__table__ for table in tables)
    old: list[Any] = []
    has_old_form = {"code", "environment"} <= known
    if has_old_form:
        old = list(connection.execute(text(f"SELECT name, code, environment FROM {_COURSES} ORDER BY id")))  # noqa: S608
        # JupyterHub has made the tables that are missing, empty and with keys to the old one.
        for table in (code, environment, course):
            table.drop(connection, checkfirst=True)
    for table in (course, environment, code):
        table.create(connection, checkfirst=True)
    if known and not has_old_form and "allows_helping" not in known:
        connection.execute(
            text(f"ALTER TABLE {_COURSES} ADD COLUMN allows_helping BOOLEAN NOT NULL DEFAULT FALSE")
        )
    for name, shown, used in old:
        key = connection.execute(
            course.insert()
            .values(name=name, title=name, timezone="UTC", materials="", allows_helping=False)
            .returning(course.c.id)
        ).scalar_one()
        connection.execute(environment.insert().values(course_id=key, position=0, environment=used))
        connection.execute(
            code.insert().values(
                course_id=key,
                code=shown,
                normalised=normalise_code(shown),
                role="participant",
                seats_taken=0,
            )
        )
    db.commit()
