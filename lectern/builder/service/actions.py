"""What a person does with an environment beside pushing: the page and the `lectern env` command call these.

Each looks first whether that person may.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lectern import names
from lectern.builder.engine import Engine
from lectern.builder.manifest import read_manifest
from lectern.builder.pruning import prune_branches
from lectern.builder.releases import ReleaseHere, publish_release, releases
from lectern.builder.service import leftovers, named_release
from lectern.builder.service.access import OPERATOR, require_create, require_edit
from lectern.builder.service.builds import Request
from lectern.errors import LecternError, RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from lectern.builder.service.access import Person
    from lectern.builder.service.builds import Build, Builds
    from lectern.builder.service.hub_api import HubAPI
    from lectern.builder.service.mirrors import Mirrors
    from lectern.builder.service.pushes import Pushes
    from lectern.builder.service.repos import Repos
    from lectern.release import Release
    from lectern.settings import Settings

#: What an environment is made from that gets its first commit by a push or in the page.
EMPTY = "empty"
_MAIN = names.MAIN_BRANCH
_log = logging.getLogger("lectern.builder")


@dataclass(frozen=True)
class Actions:
    """All that can be done, by somebody."""

    settings: Settings
    repos: Repos
    builds: Builds
    pushes: Pushes
    mirrors: Mirrors
    hub: HubAPI
    examples: Path
    _later: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def example_names(self) -> list[str]:
        """Give the examples that an environment can begin as."""
        return sorted(path.name for path in self.examples.iterdir() if path.is_dir())

    async def releases(self, environment: str = "") -> list[ReleaseHere]:
        """Give the releases that are here, by time of build; of all environments or of one."""
        found = await asyncio.to_thread(lambda: releases(self._engine(), self.settings.project))
        return [one for one in found if environment in ("", one.release.environment)]

    async def published(self, environment: str) -> ReleaseHere | None:
        """Give the release that new starts use; None where nothing is published."""
        return next((one for one in await self.releases(environment) if one.is_published), None)

    async def create(
        self,
        person: Person,
        name: str,
        source: str | Path,
        *,
        course: str | None = None,
        every_hours: int = 0,
    ) -> Build | None:
        """Make an environment and build it; a course may take it at once.

        Parameters
        ----------
        person : Person
            Who wants it.
        name : str
            What it is to be called.
        source : str | Path
            An example's name, a git address, a folder that this container has, or `EMPTY`.
        course : str | None
            Which course shall use it.
        every_hours : int
            How often a git address is looked at again; 0: on demand.

        Returns
        -------
        Build | None
            None: it is empty, and waits for a first commit.

        Raises
        ------
        LecternError
            They may not, the name is taken, or the source cannot be had.
        """
        if person != OPERATOR:
            require_create(person, course, await self.hub.courses())
        await self._create_repo(person, name, source, every_hours)
        if course:
            async with self._removed_on_failure(name):
                await self.hub.add_environment(course, name)
        if source == EMPTY:
            return None
        return self._submit(person, name, await self.repos.resolve(name, _MAIN), _MAIN, is_to_publish=True)

    async def build(self, person: Person, name: str, ref: str = _MAIN, *, is_upgrade: bool = False) -> Build:
        """Build a branch or commit; the main branch is published."""
        await self._require(person, name)
        commit = await self.repos.resolve(name, ref)
        return self._submit(person, name, commit, ref, is_to_publish=ref == _MAIN, is_upgrade=is_upgrade)

    async def edit(
        self, person: Person, name: str, path: str, text: str, *, subject: str, branch: str = _MAIN
    ) -> Build:
        """Change one file as a push would: the branch moves when the build has worked."""
        await self._require(person, name)
        before = (await self.repos.branches(name)).get(branch)
        commit = await self.repos.commit_file(
            name, path, text, person=person.name, subject=subject, ref=branch
        )
        return await self._advance_when_built(person, name, branch, commit, before)

    async def refresh(self, person: Person, name: str) -> Build | None:
        """Look at the address that an environment follows, and build what is new there; None: nothing is."""
        await self._require(person, name)
        before = (await self.repos.branches(name)).get(_MAIN)
        commit = await self.mirrors.newer(name)
        return await self._advance_when_built(person, name, _MAIN, commit, before) if commit else None

    async def publish(self, person: Person, name: str, commit: str) -> Release:
        """Make a release that is here the one that new starts use, at once; an older one, to roll back.

        Raises
        ------
        LecternError
            They may not, or there is no such release.
        """
        await self._require(person, name)
        wanted = named_release.meant(await self.releases(name), commit)
        if wanted is None:
            raise _no_release(name, commit)
        return await asyncio.to_thread(
            lambda: publish_release(self._engine(), self.settings.project, name, wanted.tag, person.name)
        )

    async def manifest(self, name: str, tag: str) -> dict[str, Any]:
        """Give all packages of one release, as its own image tells: what is kept beside it goes by commit.

        Parameters
        ----------
        name : str
            The environment.
        tag : str
            `ReleaseHere.tag`.

        Raises
        ------
        LecternError
            There is no such release, or it is of before there were such lists.
        """
        if named_release.of_tag(await self.releases(name), tag) is None:
            raise _no_release(name, tag)
        image = f"{names.environment_image(self.settings.project, name)}:{tag}"
        text = await asyncio.to_thread(lambda: self._engine().read_file(image, names.ENV_MANIFEST))
        return read_manifest(text, where=name)

    async def roll_back(self, person: Person, name: str, commit: str = "") -> Release:
        """Publish the release before the published one, or a named one."""
        await self._require(person, name)
        return await self.publish(person, name, commit or (await self._one_before(name)))

    async def delete(self, person: Person, name: str) -> None:
        """Remove an environment: repo, history, images, logs and tokens.

        Raises
        ------
        LecternError
            They may not, or somebody still needs it.
        """
        await self._require(person, name)
        repo = self.repos.path(name)
        if users := [course.name for course in await self.hub.courses() if name in course.environments]:
            raise RepoError(
                to_translate("the course {course} works in it"),
                where=name,
                hint=to_translate("give that course another environment first"),
                course=users[0],
            )
        if any(not build.has_ended for build in self.builds.of(name)):
            raise RepoError(
                to_translate("it is being built"),
                where=name,
                hint=to_translate("wait for the end of its build, or cancel it"),
            )
        engine = await asyncio.to_thread(self._engine)
        leftovers.require_unused(
            name, await asyncio.to_thread(engine.participants_of, self.settings.project, name)
        )
        await self.repos.delete(repo.name.removesuffix(".git"))
        await asyncio.to_thread(engine.remove_environment, self.settings.project, name)
        await asyncio.to_thread(leftovers.remove_records, self.settings.builds, name)
        self.builds.forget(name)

    def branches_went(self, name: str) -> None:
        """Let go of the previews of branches that are gone; who deleted them does not wait for it."""
        self._do_later(self._prune_branches(name))

    async def ensure(self, name: str) -> Build | None:
        """Make an environment from the example of its name where it is missing; build it when that is due.

        That is when nothing is published, or what is published stands on another notebook image. What an
        instructor pushed stays; what they rolled back to is built again.
        """
        if not self.repos.has(name):
            await self._create_repo(OPERATOR, name, name, 0)
        published = await self.published(name)
        if published is not None and published.release.base == self.settings.notebook_image:
            return None
        commit = await self.repos.resolve(name, _MAIN)
        if published is not None:
            with suppress(RepoError):  # a release of before there were repos
                commit = await self.repos.resolve(name, published.release.commit)
        return self._submit(OPERATOR, name, commit, _MAIN, is_to_publish=True)

    async def _create_repo(self, person: Person, name: str, source: str | Path, every_hours: int) -> None:
        if not isinstance(source, str):
            await self.repos.create(name, source, person=person.name)
        elif source == EMPTY:
            await self.repos.create(name)
        elif source in self.example_names():
            await self.repos.create(name, self.examples / source, person=person.name)
        elif "://" in source:
            await self.repos.create(name)
            async with self._removed_on_failure(name):
                await self.mirrors.follow(name, source, every_hours=every_hours)
                await self.repos.advance(name, _MAIN, await self.mirrors.fetch(name))
        else:
            raise RepoError(
                to_translate("is no example and no git address"),
                where=source[:60],
                hint=to_translate("the examples are {examples}"),
                examples=", ".join(self.example_names()),
            )

    @asynccontextmanager
    async def _removed_on_failure(self, name: str) -> AsyncIterator[None]:
        """Remove a repo that was made just now when the rest fails, or who asked goes away."""
        try:
            yield
        except (LecternError, OSError, asyncio.CancelledError):
            with suppress(RepoError):  # somebody else removed it
                await self.repos.delete(name)
            raise

    async def _advance_when_built(
        self, person: Person, name: str, branch: str, commit: str, before: str | None
    ) -> Build:
        lock = self.pushes.branch(name, branch)
        if lock.locked():
            raise RepoError(
                to_translate("somebody is pushing to it now"),
                where=branch,
                hint=to_translate("try again when that has ended"),
            )
        await lock.acquire()
        build = self._submit(person, name, commit, branch, is_to_publish=branch == _MAIN)

        async def conclude() -> None:
            try:
                await build.ended()
                if build.state == "done":
                    await self.repos.advance(name, branch, commit, expected=before)
            finally:
                lock.release()

        self._do_later(conclude())
        return build

    async def _prune_branches(self, name: str) -> None:
        try:
            here = await self.releases(name)
            refs = {one.release.ref for one in here if await self.repos.is_kept(name, one.release.ref)}
            await asyncio.to_thread(
                lambda: prune_branches(
                    self._engine(), self.settings.project, name, refs, disk=self.settings.builds
                )
            )
        except LecternError as problem:
            _log.warning("%s", problem)

    def _do_later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _one_before(self, name: str) -> str:
        here = await self.releases(name)
        if not any(one.is_published for one in here):
            raise RepoError(
                to_translate("nothing is published"),
                where=name,
                hint=to_translate("build its main branch: that publishes it"),
            )
        on_main = (
            {commit.hash for commit in await self.repos.log(name, _MAIN, 500)}
            if self.repos.has(name)
            else set()
        )
        earlier = named_release.one_before(here, on_main)
        if earlier is None:
            raise RepoError(
                to_translate("there is no earlier release here"),
                where=name,
                hint=to_translate("an earlier commit of its history can be built again"),
            )
        return earlier.tag

    async def _require(self, person: Person, name: str) -> None:
        self.repos.path(name)
        if person != OPERATOR:
            require_edit(person, name, await self.hub.courses())

    def _submit(
        self,
        person: Person,
        name: str,
        commit: str,
        ref: str,
        *,
        is_to_publish: bool,
        is_upgrade: bool = False,
    ) -> Build:
        async def write_content(folder: Path) -> None:
            await self.repos.export(name, commit, folder, max_bytes=self.settings.push_max_mb * 1_000_000)

        request = Request(name, commit, ref, person.name, is_to_publish=is_to_publish, is_upgrade=is_upgrade)
        return self.builds.submit(request, write_content)

    def _engine(self) -> Engine:
        return Engine(self.settings.project)


def _no_release(name: str, text: str) -> RepoError:
    return RepoError(
        to_translate("there is no such release here"),
        where=f"{name}:{text[:60]}",
        hint=to_translate("the environment's history shows those that are; its commits can be built anew"),
    )
