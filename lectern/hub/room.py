"""Open the room: everybody's server of a course runs before they click.

By button, by command, or by itself before the course opens. The starts go through the same queue as
clicks, behind every person who waits; who has a server, or is getting one, is left alone.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from jupyterhub.apihandlers.base import APIHandler
from sqlalchemy.exc import SQLAlchemyError
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from lectern import names
from lectern.hub import courses
from lectern.hub.members import members_of, spawner_of
from lectern.hub.roles import Role, group_names, role_in

if TYPE_CHECKING:
    from jupyterhub import orm
    from jupyterhub.handlers.base import BaseHandler
    from sqlalchemy.orm import Session

    from lectern.hub.codes import CourseClosedError
    from lectern.settings import Settings

#: So long before its opening date a course's servers are started.
AHEAD = timedelta(minutes=10)
_LOOK_EVERY_S = 30
_HUB_API = "http://127.0.0.1:8081/hub/api"

_log = logging.getLogger("lectern.room")


def count(handler: BaseHandler, members: list[orm.User]) -> dict[str, int]:
    """Count people, and those whose server runs or starts."""
    spawners = [spawner for member in members if (spawner := spawner_of(handler.users, member))]
    return {
        "members": len(members),
        "running": sum(bool(spawner.ready) for spawner in spawners),
        "starting": sum(spawner.pending == "spawn" for spawner in spawners),
    }


@dataclass(frozen=True)
class Opened:
    """What became of opening a room."""

    asked: int  # servers that start, one after another
    refusals: tuple[CourseClosedError, ...]  # one for each participant who was left out


async def open_room(handler: BaseHandler, course: courses.Course, members: list[orm.User]) -> Opened:
    """Start the server of everybody who has none; they start one after another, after this has returned.

    Participants are left out while the course is not open to them.
    """
    asked, refusals = 0, []
    closed = course.schedule.refusal(course.title, datetime.now(UTC) + AHEAD)
    for member in members:
        there = spawner_of(handler.users, member)
        if there and (there.ready or there.pending):
            continue
        if closed and role_in(course.name, group_names(member)) is Role.PARTICIPANT:
            refusals.append(closed)
            continue
        user = handler._user_from_orm(member)  # noqa: SLF001 - JupyterHub's way
        user.spawner.start_ahead()
        try:
            await handler.spawn_single_user(
                user, options={"course": course.name, "environment": course.environment}
            )
            asked += 1
        except Exception as problem:  # noqa: BLE001 - one person's trouble is no reason to leave the others out
            _log.warning("the room of %s opens without %s: %s", course.name, user.name, problem)
    return Opened(asked, tuple(refusals))


class RoomApi(APIHandler):
    """/hub/api/lectern/courses/<name>/room: for admins, the command, and the course's instructors."""

    def _members(self, name: str) -> tuple[courses.Course, list[orm.User]]:
        course = courses.find_course(self.db, name)
        asking = self.current_user
        # A token that may start no server of its own may start none of others; so may not that of a login at
        # somebody's server.
        is_instructor = f"servers!user={getattr(asking, 'name', '')}" in self.expanded_scopes and any(
            group.name == names.instructor_group(name) for group in getattr(asking, "groups", [])
        )
        if "admin:groups" not in self.expanded_scopes and not is_instructor:
            raise web.HTTPError(403, "Only an instructor of the course may open its room.")
        if course is None:
            raise web.HTTPError(404, f"There is no course `{name}`.")
        return course, members_of(self.db, name)

    async def get(self, name: str) -> None:
        """Tell how many servers there are."""
        self.finish(count(self, self._members(name)[1]))

    async def post(self, name: str) -> None:
        """Start the server of everybody who has none; answers at once, they start one after another."""
        course, members = self._members(name)
        refusals = (await open_room(self, course, members)).refusals
        self.set_status(HTTPStatus.ACCEPTED)
        why = refusals[0].what if refusals else ""
        self.finish(count(self, members) | {"refused": len(refusals), "why": why})


class Timetable:
    """Opens each course's room a little before the course opens.

    Parameters
    ----------
    settings : Settings
        For the token that the hub's own interface asks for.
    db : Session
        The hub's.
    """

    def __init__(self, settings: Settings, db: Session) -> None:
        self._settings, self._db = settings, db
        self._opened: set[tuple[str, datetime]] = set()

    def due(self, now: datetime) -> list[tuple[str, datetime]]:
        """Name the courses whose room is to be opened now, each with its opening."""
        return [
            (course.name, course.opens_at)
            for course in courses.all_courses(self._db)
            if course.opens_at
            and course.opens_at - AHEAD <= now <= course.opens_at
            and (course.name, course.opens_at) not in self._opened
        ]

    async def look(self, now: datetime) -> None:
        """Open what is due; what could not be opened is due at the next look."""
        for name, opens_at in self.due(now):
            try:
                await self._open(name)
            except (HTTPClientError, OSError) as problem:
                _log.warning("the room of %s was not opened: %s", name, problem)
            else:
                self._opened.add((name, opens_at))

    async def follow(self) -> None:
        """Look at the clock again and again, as long as the hub runs."""
        while True:
            try:
                await self.look(datetime.now(UTC))
            except SQLAlchemyError:  # the database is away for a moment
                self._db.rollback()
                _log.exception("the timetable of rooms was not looked at")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _open(self, name: str) -> Any:  # noqa: ANN401 - tornado's answer
        return await AsyncHTTPClient().fetch(
            f"{_HUB_API}/lectern/courses/{name}/room",
            method="POST",
            body="{}",
            headers={"Authorization": f"token {self._settings.secret('api_token')}"},
        )
