"""Pushes that are under way: what the hook tells of one, what is built of it, and whether it is accepted."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.builder.service import telling
from lectern.builder.service.builds import Build, Builds, Request
from lectern.builder.service.printable import printable_lines
from lectern.builder.service.push_rules import Action, Update, decide, in_order
from lectern.errors import LecternError, RepoError

if TYPE_CHECKING:
    from lectern.builder.service.access import Person
    from lectern.builder.service.git import Git
    from lectern.builder.service.repos import Repos
    from lectern.builder.service.telling import Say
    from lectern.settings import Settings


@dataclass(eq=False)
class Push:
    """One push of one person to one environment."""

    id: str
    environment: str
    person: Person
    has_deleted: bool = False  # a branch, when git has accepted it
    _held: list[asyncio.Lock] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """What the hook tells of a push: its refs, and where its objects are while they are not accepted."""

    updates: tuple[Update, ...]
    quarantine: str
    objects: str
    alternates: str


class Pushes:
    """The pushes that are under way.

    A branch belongs to one push (or edit) at a time, from its hook until git has moved the branch: what is
    published last is then what the branch points to.
    """

    def __init__(self, repos: Repos, builds: Builds, settings: Settings, *, socket: Path) -> None:
        self._repos = repos
        self._builds = builds
        self._settings = settings
        self._socket = socket
        self._pushes: dict[str, Push] = {}
        self._branches: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    def begin(self, push: Push) -> None:
        """Know a push, before its hook asks."""
        self._pushes[push.id] = push

    def end(self, push: Push) -> None:
        """Forget a push: git has moved the branches, or has not. Idempotent."""
        self._pushes.pop(push.id, None)
        while push._held:  # noqa: SLF001 - ours to change
            push._held.pop().release()  # noqa: SLF001

    def variables(self, push: Push) -> dict[str, str]:
        """Give the variables by which the hook finds the service and names its push."""
        return {
            "LECTERN_SOCKET": str(self._socket),
            "LECTERN_PUSH": push.id,
            "LECTERN_PYTHON": sys.executable,
        }

    def find(self, push_id: str) -> Push | None:
        """Find a push that is under way."""
        return self._pushes.get(push_id)

    def branch(self, environment: str, branch: str) -> asyncio.Lock:
        """Give the lock of a branch, for who wants to move it otherwise than by a push."""
        return self._branches[environment, f"refs/heads/{branch}"]

    async def is_accepted(self, push: Push, told: Told, say: Say) -> bool:
        """Build what a push brings, saying all that a pusher should see; tell whether git may accept it."""
        await say(f"Lectern: {push.environment}, pushed by {push.person.name}")
        try:
            git = self._seeing(push, told)
            for update in sorted(told.updates, key=lambda one: one.ref):
                await self._take_branch(push, update, say)
            push.has_deleted = any(update.is_branch and update.is_deletion for update in told.updates)
            decided = [(update, await self._decide(push, update, git)) for update in told.updates]
            for update, action in in_order(decided):
                if action != "accept" and not await self._is_built(push, update, action, git, say):
                    return False
        except LecternError as problem:
            for line in printable_lines(f"error: {problem}"):
                await say(line)
            return False
        return True

    def _seeing(self, push: Push, told: Told) -> Git:
        if not told.objects:  # a push that only deletes brings none
            return self._repos.git
        repo = self._repos.path(push.environment).resolve()
        if not Path(told.objects).resolve().is_relative_to(repo):
            raise RepoError(
                "the objects of this push are elsewhere", where=push.environment, hint="push again"
            )
        return self._repos.git.seeing(
            GIT_QUARANTINE_PATH=told.quarantine,
            GIT_OBJECT_DIRECTORY=told.objects,
            GIT_ALTERNATE_OBJECT_DIRECTORIES=told.alternates,
        )

    async def _take_branch(self, push: Push, update: Update, say: Say) -> None:
        lock = self._branches[push.environment, update.ref]
        if lock.locked():
            await say(f"waiting: somebody else is pushing to {update.branch}")
        await lock.acquire()
        if self.find(push.id) is None:  # it ended while it waited: nobody would let go of the branch
            lock.release()
            raise RepoError("this push has ended", where=update.branch, hint="push again")
        push._held.append(lock)  # noqa: SLF001
        now = await self._repos.find_ref(push.environment, update.ref)
        if now != (None if update.is_new else update.old):
            raise RepoError(
                "somebody else pushed to it meanwhile",
                where=update.branch,
                hint="run `git pull --rebase`, then push again",
            )

    async def _decide(self, push: Push, update: Update, git: Git) -> Action:
        repo = self._repos.path(push.environment)
        is_fast_forward = False
        if update.is_branch and not update.is_deletion:
            kind = (await git.run(repo, "cat-file", "-t", update.new)).decode().strip()
            if kind != "commit":
                raise RepoError(f"is a {kind}, not a commit", where=update.branch, hint="push a branch")
            if not update.is_new:
                status, _, _ = await git.try_run(repo, "merge-base", "--is-ancestor", update.old, update.new)
                is_fast_forward = status == 0
        return decide(
            update, is_fast_forward=is_fast_forward, is_force_allowed=self._settings.allow_force_push
        )

    async def _is_built(self, push: Push, update: Update, action: Action, git: Git, say: Say) -> bool:
        request = Request(
            push.environment, update.new, update.branch, push.person.name, is_to_publish=action == "publish"
        )

        async def write_content(folder: Path) -> None:
            await self._repos.export(
                push.environment,
                update.new,
                folder,
                git=git,
                max_bytes=self._settings.push_max_mb * 1_000_000,
            )

        build = self._builds.submit(request, write_content)
        await self.see_through(build, say)
        return build.state == "done"

    async def see_through(self, build: Build, say: Say) -> None:
        """Say all of a build and how it ended; when the listener goes away, the build is cancelled."""
        try:
            await telling.follow(build, say)
            for line in telling.result(build, address=self._settings.address):
                await say(line)
        finally:
            if not build.has_ended:
                await asyncio.shield(self._builds.cancel(build.id, build.request.person))
