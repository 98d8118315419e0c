"""The list of environments, and the form that makes a new one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.engine import Engine
from lectern.builder.service.access import may_edit, taught
from lectern.builder.service.actions import EMPTY
from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.mirrors import read_hours
from lectern.builder.service.pages.shown import PageHandler, Told
from lectern.errors import LecternError

if TYPE_CHECKING:
    from lectern.builder.releases import ReleaseHere
    from lectern.builder.service.builds import Build

#: The form's fields, before anybody typed something.
_UNTOUCHED = {"name": "", "source": "", "url": "", "course": "", "every_hours": "0"}


@dataclass(frozen=True)
class Row:
    """One environment, as the list shows it."""

    name: str
    published: ReleaseHere | None
    participants: int  # whose servers run from it
    build: Build | None  # the newest


class ListHandler(PageHandler):
    """All environments that somebody may see."""

    async def get(self) -> None:
        """Show them."""
        service = self.service
        published = {
            one.release.environment: one for one in await service.actions.releases() if one.is_published
        }
        engine = await asyncio.to_thread(Engine, service.settings.project)
        used: dict[str, int] = {}
        for labels in await asyncio.to_thread(engine.labels_of_containers, service.settings.project):
            if names.PARTICIPANT in labels:
                name = labels.get(names.ENVIRONMENT, "")
                used[name] = used.get(name, 0) + 1
        rows = [
            Row(name, published.get(name), used.get(name, 0), next(iter(service.builds.of(name)), None))
            for name in service.repos.names()
            if may_edit(self.person, name, self.courses)
        ]
        self.show("list.html", rows=rows)


class NewHandler(PageHandler):
    """A new environment, from an example or a git address."""

    def get(self) -> None:
        """Show the form."""
        self._form(_UNTOUCHED, None)

    async def post(self) -> None:
        """Make it, and show its build."""
        typed = {key: self.get_body_argument(key, default) for key, default in _UNTOUCHED.items()}
        try:
            build = await self.service.actions.create(
                self.person,
                typed["name"],
                typed["url"].strip() or typed["source"],
                course=typed["course"] or None,
                every_hours=read_hours(typed["every_hours"]),
            )
        except LecternError as problem:
            self.set_status(400)
            self._form(typed, self.told(problem))
            return
        builds = f"builds/{build.id}" if build else ""
        self.redirect(f"{PREFIX}/{typed['name']}/{builds}", status=303)

    def _form(self, typed: dict[str, str], error: Told | None) -> None:
        self.show(
            "new.html",
            typed=typed,
            error=error,
            examples=self.service.actions.example_names(),
            empty=EMPTY,
            courses=[course.name for course in taught(self.person, self.courses)],
        )
