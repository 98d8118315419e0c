"""A rehearsal's stage in the hub: a course of its own with its people, and the clearing away of both.

Only a course with the rehearsal's own title is cleared away, and of its people only who carries the prefix
and is in no other course.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.scopes import needs_scope
from jupyterhub.utils import maybe_future
from tornado import web

from lectern import names
from lectern.hub import courses
from lectern.hub.course_fields import CourseFields
from lectern.hub.members import members_of
from lectern.hub.roles import group_names

if TYPE_CHECKING:
    from jupyterhub import orm
    from jupyterhub.user import User

COURSE = "rehearsal"
PREFIX = "rehearsal-"
#: Tells the rehearsal's course from one of an instructor's with the same name.
TITLE = "A rehearsal; it is removed when it ends"


def _refusal(what: str, hint: str) -> web.HTTPError:
    return web.HTTPError(HTTPStatus.CONFLICT, f"{what}\nhint: {hint}")


class RehearsalApi(APIHandler):
    """/hub/api/lectern/rehearsal."""

    @needs_scope("admin:groups")
    async def post(self) -> None:
        """Set the stage; refuses while real people work."""
        asked: dict[str, Any] = json.loads(self.request.body or b"{}")
        await self._clear()
        if courses.find_course(self.db, COURSE) is not None:
            raise _refusal(
                f"there is a course `{COURSE}` of yours, or with other people in it",
                f"`scripts/lectern course delete {COURSE}` frees the name; people and homes stay",
            )
        running = [user.name for user in self.users.values() if user.active]
        if running and not asked.get("force"):
            raise _refusal(
                f"{len(running)} servers are running, which a rehearsal would slow",
                "FORCE=1 rehearses all the same",
            )
        environment = self.authenticator.lectern_settings.environment
        course = courses.create(self.db, COURSE, CourseFields(title=TITLE, environments=(environment,)))
        self.finish({"code": course.code})

    @needs_scope("admin:groups")
    async def delete(self) -> None:
        """Clear the stage."""
        self.finish({"removed": await self._clear()})

    async def _clear(self) -> int:
        course = courses.find_course(self.db, COURSE)
        if course is None or course.title != TITLE:
            return 0
        people = [user for user in members_of(self.db, course.name) if self._is_ours(user)]
        for orm_user in people:
            await self._remove(self._user_from_orm(orm_user), str(course.id))
        self.db.expire_all()
        if not members_of(self.db, course.name):
            courses.delete(self.db, course)
        return len(people)

    @staticmethod
    def _is_ours(user: orm.User) -> bool:
        return user.name.startswith(PREFIX) and group_names(user) <= {names.course_group(COURSE)}

    async def _remove(self, user: User, course_id: str) -> None:
        spawner = user.spawner
        start = spawner._spawn_future  # noqa: SLF001
        if start is not None:  # of a rehearsal that was killed
            await asyncio.wait([start])
        if spawner.active:
            await (await self.stop_single_user(user))
        project = self.authenticator.lectern_settings.project
        # The shared folder goes with whoever leaves it last; until then it is in use.
        await spawner.remove_volumes(
            names.home_volume(project, user.name),
            names.shared_volume(project, COURSE),
            names.later_shared_volume(project, COURSE, course_id),
        )
        await maybe_future(self.authenticator.delete_user(user))
        await user.delete_spawners()
        self.users.delete(user)
