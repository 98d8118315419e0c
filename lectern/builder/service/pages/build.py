"""One build: its log as it grows, and the button that ends it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError

from lectern.builder.service import addresses, named_release
from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.pages.environment import EnvironmentPage
from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from lectern.builder.service.builds import Build


class _OfBuild(EnvironmentPage):
    def build_of(self, name: str, build_id: str) -> Build:
        """Find an environment's build.

        Raises
        ------
        RepoError
            It is forgotten, or another's.
        """
        build = self.service.builds.find(int(build_id))
        if build is None or build.request.environment != name:
            raise RepoError(
                to_translate("this build is no longer known"),
                where=name,
                hint=to_translate("its log is in the environment's history"),
            )
        return build


class BuildPageHandler(_OfBuild):
    """A build's page: whole without script, live with it."""

    async def get(self, name: str, build_id: str) -> None:
        """Show it."""
        build = self.build_of(name, build_id)
        outcome = build.outcome or {}
        made = (
            named_release.built(
                await self.service.actions.releases(name), build.request.commit, str(outcome.get("identity"))
            )
            if outcome
            else None
        )
        self.show(
            "build.html",
            name=name,
            build=build,
            error=self.told(build.error) if build.error else None,
            changes=outcome.get("changes", []),
            path=self.get_query_argument("path", ""),
            preview=addresses.preview(self.person.name, name, made.tag) if made else "",
        )


class LinesHandler(_OfBuild):
    """The log as server-sent events; ends with the build. A browser that comes again goes on where it was."""

    _following: asyncio.Task[None] | None = None

    async def get(self, name: str, build_id: str) -> None:
        """Send line after line."""
        build = self.build_of(name, build_id)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")
        seen = self.request.headers.get("Last-Event-ID") or self.get_query_argument("from", "0")
        start = int(seen) if seen.isdecimal() and len(seen) <= 6 else 0  # noqa: PLR2004 - lines of a log
        self._following = asyncio.create_task(self._follow(build, start))
        with suppress(asyncio.CancelledError, StreamClosedError):
            await self._following

    def check_xsrf_cookie(self) -> None:
        """Ask for no token: an event source can send none, and what is read here changes nothing.

        Another site's page may open this address but never read it: no header of ours lets it.
        """

    def on_connection_close(self) -> None:
        """Stop with the reader; the build goes on."""
        super().on_connection_close()
        if self._following is not None:
            self._following.cancel()

    async def _follow(self, build: Build, start: int) -> None:
        async for line in build.lines(start):
            start += 1
            self.write(f"id: {start}\ndata: {json.dumps(line)}\n\n")
            await self.flush()
        self.write("event: end\ndata: 0\n\n")


class CancelHandler(_OfBuild):
    """A build is ended."""

    async def post(self, name: str, build_id: str) -> None:
        """End it, and show what is left of it."""
        build = self.build_of(name, build_id)
        await self.service.builds.cancel(build.id, self.person.name)
        self.redirect(f"{PREFIX}/{name}/builds/{build.id}", status=303)
