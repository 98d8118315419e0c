"""One environment: its history, and what an instructor does with it."""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import urlencode

from lectern import names
from lectern.builder.manifest import differences
from lectern.builder.records import Records
from lectern.builder.service import addresses
from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.mirrors import read_hours
from lectern.builder.service.pages import editing, kept
from lectern.builder.service.pages.shown import PageHandler, Told
from lectern.errors import LecternError, RepoError
from lectern.web.translation import to_translate

_SHOWN_COMMITS = 30
_MAIN = names.MAIN_BRANCH


class EnvironmentPage(PageHandler):
    """A page of one environment: its name is the first part of the path."""

    async def prepare(self) -> None:
        """See that it is theirs."""
        await super().prepare()
        if not self._finished:
            self.may_see(self.path_args[0])

    def to_environment(self, name: str) -> None:
        """Go to its page after a change."""
        self.redirect(f"{PREFIX}/{name}/", status=303)

    def to_build(self, name: str, build_id: int, **more: str) -> None:
        """Go to a build's page."""
        query = f"?{urlencode(more)}" if more else ""
        self.redirect(f"{PREFIX}/{name}/builds/{build_id}{query}", status=303)


class EnvironmentHandler(EnvironmentPage):
    """What is published, the history, all buttons."""

    async def get(self, name: str) -> None:
        """Show it."""
        service = self.service
        branches = await service.repos.branches(name)
        branch = self.get_query_argument("branch", _MAIN)
        if branch not in branches:
            branch = _MAIN
        here = await service.actions.releases(name)
        records = Records(service.settings.builds / name)
        commits = await service.repos.log(name, branch, _SHOWN_COMMITS)
        files = await service.repos.files(name, branch) if branch in branches else []
        by_commit: dict[str, list[object]] = {}
        for one in here:
            by_commit.setdefault(one.release.commit, []).append(one)
        shown = {commit.hash for commit in commits}
        self.show(
            "environment.html",
            name=name,
            clone=f"{service.settings.address}{PREFIX}/{name}.git",
            branch=branch,
            branches=list(branches),
            published=next((one for one in here if one.is_published), None),
            commits=commits,
            by_commit=by_commit,
            elsewhere=[one for one in here if one.release.commit not in shown],
            here=here,
            logs={
                commit for commit in shown | {one.release.commit for one in here} if records.has_log(commit)
            },
            builds=service.builds.of(name)[:5],
            files=editing.editable(files),
            new_files=editing.beginnable(files),
            mirror=await service.mirrors.find(name),
            courses=[course.name for course in self.courses if name in course.environments],
            preview=partial(addresses.preview, self.person.name, name),
        )


class PublishHandler(EnvironmentPage):
    """One release becomes what new starts use: to publish a preview, or to roll back."""

    async def post(self, name: str) -> None:
        """Publish it."""
        await self.service.actions.publish(self.person, name, self.get_body_argument("commit"))
        self.to_environment(name)


class BuildHandler(EnvironmentPage):
    """A branch or commit is built, with newer packages if wished."""

    async def post(self, name: str) -> None:
        """Ask for the build, and show it."""
        build = await self.service.actions.build(
            self.person,
            name,
            self.get_body_argument("ref"),
            is_upgrade=bool(self.get_body_argument("upgrade", "")),
        )
        self.to_build(name, build.id)


class RefreshHandler(EnvironmentPage):
    """The git address that an environment follows is looked at."""

    async def post(self, name: str) -> None:
        """Look, and show the build of what is new."""
        build = await self.service.actions.refresh(self.person, name)
        if build is None:
            self.to_environment(name)
        else:
            self.to_build(name, build.id)


class ScheduleHandler(EnvironmentPage):
    """How often the followed address is looked at."""

    async def post(self, name: str) -> None:
        """Keep it."""
        mirror = await self.service.mirrors.read(name)
        hours = read_hours(self.get_body_argument("every_hours"))
        await self.service.mirrors.follow(name, mirror.url, every_hours=hours)
        self.to_environment(name)


class EditHandler(EnvironmentPage):
    """One declaration file, changed and committed without git."""

    async def get(self, name: str) -> None:
        """Show the form; `from` names a commit whose build failed, so that nothing typed is lost."""
        path = self.get_query_argument("path")
        branch = self.get_query_argument("branch", _MAIN)
        editing.require_editable(path)
        now = (await self.service.repos.branches(name)).get(branch, "")
        try:
            source = self.get_query_argument("from", "") or branch
            text = (await self.service.repos.read(name, source, path)).decode(errors="replace")
        except RepoError:
            text = ""
        self._form(name, path, branch, now, text, "", None)

    async def post(self, name: str) -> None:
        """Check it, commit it, build it."""
        path = self.get_body_argument("path")
        branch = self.get_body_argument("branch", _MAIN)
        base = self.get_body_argument("base", "")
        text = self.get_body_argument("text", "", strip=False).replace("\r\n", "\n")
        subject = self.get_body_argument("subject", "")
        service = self.service
        now = (await service.repos.branches(name)).get(branch, "")
        try:
            editing.require_editable(path)
            if now != base:
                raise RepoError(
                    to_translate("somebody changed this branch meanwhile"),
                    where=branch,
                    hint=to_translate("look at what they did; committing again puts your text on top of it"),
                )
            limit = service.settings.push_max_mb * 1_000_000
            await editing.require_readable(service.repos, name, now, path, text, max_bytes=limit)
            build = await service.actions.edit(
                self.person, name, path, text, subject=subject or f"Change {path}", branch=branch
            )
        except LecternError as problem:
            self.set_status(400)
            self._form(name, path, branch, now, text, subject, self.told(problem))
            return
        self.to_build(name, build.id, path=path)

    def _form(  # noqa: PLR0917 - what the form holds
        self, name: str, path: str, branch: str, base: str, text: str, subject: str, error: Told | None
    ) -> None:
        self.show(
            "edit.html",
            name=name,
            path=path,
            branch=branch,
            base=base,
            text=text,
            subject=subject,
            error=error,
            is_main=branch == _MAIN,
        )


class DeleteHandler(EnvironmentPage):
    """An environment goes for ever."""

    def get(self, name: str) -> None:
        """Ask."""
        self.show("delete.html", name=name, error=None)

    async def post(self, name: str) -> None:
        """Remove it, if its name was typed."""
        try:
            if self.get_body_argument("name", "") != name:
                raise RepoError(
                    to_translate("is not what was typed"),
                    where=name,
                    hint=to_translate("type the environment's name"),
                )
            await self.service.actions.delete(self.person, name)
        except LecternError as problem:
            self.set_status(409)
            self.show("delete.html", name=name, error=self.told(problem))
            return
        self.redirect(f"{PREFIX}/", status=303)


class PackagesHandler(EnvironmentPage):
    """All packages of a release."""

    async def get(self, name: str, tag: str) -> None:
        """Show them."""
        manifest = await self.service.actions.manifest(name, tag)
        self.show("packages.html", name=name, tag=tag, lists=kept.package_lists(manifest))


class DiffHandler(EnvironmentPage):
    """What differs between two releases."""

    async def get(self, name: str) -> None:
        """Show it."""
        before, after = self.get_query_argument("before"), self.get_query_argument("after")
        old = await self.service.actions.manifest(name, before)
        new = await self.service.actions.manifest(name, after)
        self.show("diff.html", name=name, before=before, after=after, changes=differences(old, new))


class LogHandler(EnvironmentPage):
    """The kept log of a commit's last build."""

    async def get(self, name: str, commit: str) -> None:
        """Show it."""
        records = Records(self.service.settings.builds / name)
        lines = await asyncio.to_thread(kept.last_lines, records, commit)
        if lines is None:
            raise RepoError(
                to_translate("there is no log of such a build"),
                where=commit[:12],
                hint=to_translate("build it again"),
            )
        self.show("log.html", name=name, commit=commit, lines=lines)
