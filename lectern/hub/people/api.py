"""The people of a course as the `lectern` command asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lectern.hub import helping
from lectern.hub.course_api import CourseApi

if TYPE_CHECKING:
    from lectern.hub.helping import Opening


class OpeningsHandler(CourseApi):
    """/hub/api/lectern/courses/<name>/openings: who opened whose server; a deleted course's log as well."""

    async def get(self, name: str) -> None:
        """List them, the last first."""
        self.require()
        self.finish({"openings": [_describe(opening) for opening in helping.log_of(self.db, name)]})


def _describe(opening: Opening) -> dict[str, Any]:
    return {
        "opener": opening.opener,
        "owner": opening.owner,
        "course": opening.course,
        "is_admin": not opening.is_shared,
        "opened_at": opening.opened_at.isoformat(),
        "until": opening.until.isoformat() if opening.until else None,
        "ended_at": opening.ended_at.isoformat() if opening.ended_at else None,
    }
