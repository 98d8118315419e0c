"""Which environment somebody's server starts in: at once where there is one, else a page with a button each.

One server a person: going to another place asks, and ends the one that runs. Homes are the same everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from jupyterhub.apihandlers.users import UserServerAPIHandler
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.pages import HomeHandler, SpawnHandler
from jupyterhub.scopes import needs_scope
from tornado import web
from tornado.httputil import url_concat

from lectern import names
from lectern.hub import courses, helping, preview
from lectern.hub.choice import Place, matching, places, remembered, usual_place
from lectern.hub.language import Refusal
from lectern.hub.newer_release import PublishedCommits
from lectern.hub.preview import PreviewError
from lectern.hub.privacy import leads_to_notice
from lectern.hub.roles import Role, group_names, role_in
from lectern.hub.schedule import Schedule
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyterhub.user import User
    from sqlalchemy.orm import Session

    from lectern.hub.helping import Opening

_PUBLISHED = PublishedCommits()

#: How long the home page tells who opened one's server; the log keeps it for ever.
_TOLD_FOR = timedelta(days=14)


def places_of(db: Session, user: User) -> list[Place]:
    """List where a user can work now."""
    return places(courses.all_courses(db), group_names(user.orm_user), datetime.now(UTC))


def last_options(user: User) -> dict[str, Any]:
    """Give what a user's server was started with last."""
    kept = user.orm_spawners.get("")
    return dict(kept.user_options or {}) if kept else {}


async def newer_release_waits(user: User) -> bool:
    """Say whether a restart of a user's running server would give it another release."""
    spawner = user.spawner
    if not spawner.ready:
        return False
    return await _PUBLISHED.is_newer_waiting(spawner.running_release, spawner.published_commit)


class StartHandler(SpawnHandler):
    """/hub/spawn: start, or ask where; `?course=…&environment=…` names a place."""

    @needs_scope("servers")
    async def _get(self, user_name: str, server_name: str, display_name: str) -> None:
        if leads_to_notice(self):
            return
        user = self._owner(user_name)
        if server_name:
            await self._preview(user, server_name)
            return
        wanted = {name: self.get_query_argument(name, "") for name in ("course", "environment")}
        known = places_of(self.db, user)
        asked = self._asked(known, wanted) if any(wanted.values()) else known
        if user.spawner.active:
            here = remembered(known, user.spawner.user_options)
            if here in asked or asked == known:
                await super()._get(user_name, server_name, display_name)
            else:
                self._ask_to_switch(user, server_name="", title=asked[0].title, options=asked[0].options)
        elif len(asked) > 1:
            self._choose(user, asked)
        else:
            await self._start(user, "", next(iter(asked), None))

    @needs_scope("servers")
    async def _post(self, user_name: str, server_name: str, display_name: str) -> None:  # noqa: ARG002
        user = self._owner(user_name)
        if server_name:
            raise web.HTTPError(404)
        course, _, environment = self.get_body_argument("place", "").partition("/")
        place = self._asked(places_of(self.db, user), {"course": course, "environment": environment})[0]
        if user.spawner.active:
            raise Refusal(
                400, to_translate("Your server runs already. Please stop it on the home page first.")
            )
        await self._start(user, "", place)

    def _owner(self, name: str) -> User:
        user = self.current_user if name == self.current_user.name else self.find_user(name)
        if user is None:
            raise Refusal(404, to_translate("There is nobody of this name."))
        return user

    async def _start(self, user: User, server_name: str, place: Place | preview.Wish | None) -> None:
        if isinstance(place, Place) and place.refusal is not None:
            raise Refusal.of(403, place.refusal)
        spawner = user.get_or_create_spawner(server_name, server_name, replace_failed=True)
        pending = self._get_pending_url(user, server_name)
        options = place.options if place else None
        await self._wrap_spawn_single_user(user, server_name, server_name, spawner, pending, options)

    def _choose(self, user: User, known: list[Place]) -> None:
        self.finish(
            self.render_template(
                "choose.html",
                sync=True,
                places=known,
                usual=usual_place(known, last_options(user)),
                action=url_concat(self.request.uri, {"_xsrf": self.xsrf_token.decode("ascii")}),
            )
        )

    def _ask_to_switch(self, user: User, *, server_name: str, title: str, options: Mapping[str, str]) -> None:
        self.finish(
            self.render_template(
                "switch.html",
                sync=True,
                owner=user.name,
                server_name=server_name,
                title=title,
                options=options,
                running=user.spawners[server_name].running_release,
                server_url=user.server_url(server_name),
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )

    async def _preview(self, user: User, server_name: str) -> None:
        if server_name != names.PREVIEW or user.name != self.current_user.name:
            raise Refusal(404, to_translate("There are no further servers with names."))
        try:
            wish = preview.wish(
                {name: self.get_query_argument(name, "") for name in ("environment", "release")}
            )
            preview.place_for(wish, places_of(self.db, user), is_admin=user.admin)
        except PreviewError as problem:
            raise Refusal.of(403, problem) from problem
        spawner = user.get_or_create_spawner(server_name, server_name, replace_failed=True)
        if not spawner.active:
            await self._start(user, server_name, wish)
        elif spawner.user_options == wish.options:
            self.redirect(
                user.server_url(server_name) if spawner.ready else self._get_pending_url(user, server_name)
            )
        else:
            self._ask_to_switch(user, server_name=server_name, title=wish.environment, options=wish.options)

    def _asked(self, known: list[Place], wanted: Mapping[str, str]) -> list[Place]:
        found = matching(known, course=wanted["course"], environment=wanted["environment"])
        if not found:
            text = to_translate(
                "This is not in any of your courses. Please ask your teacher for the course's code."
            )
            raise Refusal(403, text)
        return found


class SwitchHandler(BaseHandler):
    """/hub/switch: end one's server and start it elsewhere, or on the release that is published now."""

    @web.authenticated
    async def post(self) -> None:
        """Stop, and lead to the start."""
        user = self.current_user
        server_name = names.PREVIEW if self.get_body_argument("server", "") == names.PREVIEW else ""
        wanted = {name: self.get_body_argument(name, "") for name in ("course", "environment", "release")}
        await stop_and_wait(self, user, server_name)
        words = {name: value for name, value in wanted.items() if value}
        path = f"{self.hub.base_url}spawn/{user.escaped_name}"
        self.redirect(url_concat(f"{path}/{server_name}" if server_name else path, words))


class StopHandler(BaseHandler):
    """/hub/stop: end one's server or preview from the home page, without a script in the page."""

    @web.authenticated
    async def post(self) -> None:
        """Stop."""
        server_name = names.PREVIEW if self.get_body_argument("server", "") == names.PREVIEW else ""
        await stop_and_wait(self, self.current_user, server_name)
        self.redirect(f"{self.hub.base_url}home")


async def stop_and_wait(handler: BaseHandler, user: User, server_name: str) -> None:
    """End a server if it runs, and wait until it has ended.

    Raises
    ------
    HTTPError
        It is just starting or stopping.
    """
    spawner = user.spawners.get(server_name)
    if spawner is None or not spawner.active:
        return
    if spawner.pending:
        raise Refusal(
            409,
            to_translate("Your server is just starting or stopping. Please try again in a moment."),
        )
    await handler.stop_single_user(user, server_name)


class LecternHomeHandler(HomeHandler):
    """/hub/home: one's server, what waits for it, and the courses one is in."""

    @web.authenticated
    async def get(self) -> None:
        """Show it."""
        if leads_to_notice(self):
            return
        user = self.current_user
        if user.running:
            await user.spawner.poll_and_notify()  # a server that died is noticed here
        known = places_of(self.db, user)
        groups = group_names(user.orm_user)
        preview_server = user.spawners.get(names.PREVIEW)
        self.finish(
            await self.render_template(
                "home.html",
                user=user,
                url=user.url if user.active else f"{self.hub.base_url}spawn/{user.escaped_name}",
                default_server=user.spawner,
                running=user.spawner.running_release if user.spawner.active else None,
                here=usual_place(known, user.spawner.user_options or last_options(user)),
                places=known,
                newer_waits=await newer_release_waits(user),
                preview=preview_server if preview_server is not None and preview_server.active else None,
                may_teach=user.admin or any(name.startswith(names.instructor_group("")) for name in groups),
                openings=[(opening, self._schedule(opening)) for opening in self._openings()],
                helped=[
                    course
                    for course in courses.all_courses(self.db)
                    if course.allows_helping and role_in(course.name, groups) is Role.HELPER
                ],
                xsrf=self.xsrf_token.decode("ascii"),
            )
        )

    def _openings(self) -> list[Opening]:
        name = self.current_user.name
        return [
            *helping.live_of(self.db, name),
            *helping.past_of(self.db, name, datetime.now(UTC) - _TOLD_FOR),
        ]

    def _schedule(self, opening: Opening) -> Schedule:
        course = courses.find_course(self.db, opening.course)
        return course.schedule if course else Schedule(None, None, "UTC")


class NamedServerApi(UserServerAPIHandler):
    """/hub/api/users/<name>/servers/<server>: as JupyterHub's, but a preview starts from its page only."""

    async def post(self, user_name: str, server_name: str = "") -> None:
        """Start the server without a name."""
        if server_name:
            raise web.HTTPError(403, "A preview is started from the environment's page.")
        await super().post(user_name, server_name)

    async def put(self, user_name: str, server_name: str = "") -> None:
        """Make a server without starting it: there is none to be made."""
        if server_name:
            raise web.HTTPError(403, "A preview is started from the environment's page.")
        await super().put(user_name, server_name)
