"""The queue of builds: one at a time, in order of arrival, each a child process that can be ended.

A build's log is kept here while the service runs; afterwards it is in the environment's records.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from lectern.builder.service import build_process
from lectern.builder.service.printable import printable, printable_lines
from lectern.errors import LecternError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from lectern.builder.service.build_process import Event

State = Literal["queued", "running", "done", "failed", "cancelled"]

#: Ended builds that stay to be looked at.
_REMEMBERED = 60
_MOST_LINES = 20_000


@dataclass(frozen=True)
class Request:
    """What somebody wants built."""

    environment: str
    commit: str  # full git hash
    ref: str  # branch, without refs/heads/
    person: str
    is_to_publish: bool
    is_upgrade: bool = False


@dataclass(eq=False)
class Build:
    """One build that was asked for. Only `Builds` changes it."""

    id: int
    request: Request
    asked_at: datetime
    write_content: Callable[[Path], Awaitable[None]]  # puts the commit's files into a folder
    state: State = "queued"
    log: list[str] = field(default_factory=list)  # printable, without control characters
    phase: str = ""
    error: LecternError | None = None
    outcome: dict[str, Any] | None = None  # as `lectern build --events` gives it
    cancelled_by: str = ""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _process: asyncio.Task[None] | None = None

    @property
    def has_ended(self) -> bool:
        """Say whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    async def lines(self, start: int = 0) -> AsyncIterator[str]:
        """Give the log from a line on, and what follows until the build ends."""
        while True:
            while start < len(self.log):
                yield self.log[start]
                start += 1
            async with self._news:
                if self.has_ended and start >= len(self.log):
                    return
                if start >= len(self.log):
                    await self._news.wait()

    async def ended(self) -> None:
        """Wait until the build has ended."""
        async with self._news:
            await self._news.wait_for(lambda: self.has_ended)

    async def _tell(self, *lines: str) -> None:
        async with self._news:
            self.log.extend(lines[: max(0, _MOST_LINES - len(self.log))])
            self._news.notify_all()

    async def _become(self, state: State) -> None:
        async with self._news:
            self.state = state
            self._news.notify_all()


class Builds:
    """All builds of this service.

    Parameters
    ----------
    work : Path
        Folder for the content of the commit that is being built; emptied at the start.
    command : Callable[[Request, Path], Sequence[str]]
        Gives the program that builds a folder, told what was asked for.
    """

    def __init__(self, work: Path, command: Callable[[Request, Path], Sequence[str]]) -> None:
        self._work = work
        self._command = command
        self._queue: deque[Build] = deque()
        self._builds: dict[int, Build] = {}
        self._last = int(time.time())  # so that an address of before a restart is no other build's
        self._runner: asyncio.Task[None] | None = None
        # What a killed service left behind.
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)

    def submit(self, request: Request, write_content: Callable[[Path], Awaitable[None]]) -> Build:
        """Put a build into the queue; a queued one of the same branch is overtaken by it.

        Parameters
        ----------
        request : Request
            What is to be built.
        write_content : Callable[[Path], Awaitable[None]]
            Writes the commit's files into a folder; raises LecternError for a content that is refused.
        """
        self._last += 1
        build = Build(self._last, request, datetime.now(UTC), write_content)
        self._builds[build.id] = build
        self._forget_oldest()
        if ahead := self.ahead_of(build):
            build.log.append(_waiting(ahead))
        self._queue.append(build)
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run_queue())
        return build

    def find(self, build_id: int) -> Build | None:
        """Find a build; None for one that is forgotten."""
        return self._builds.get(build_id)

    def of(self, environment: str) -> list[Build]:
        """Give an environment's builds, the newest first."""
        return [one for one in reversed(self._builds.values()) if one.request.environment == environment]

    def running(self) -> Build | None:
        """Give the build that runs."""
        return next((one for one in self._builds.values() if one.state == "running"), None)

    def ahead_of(self, build: Build) -> list[Build]:
        """Give the builds that come before one: the running one, then those queued earlier."""
        return [
            one for one in self._builds.values() if one.id < build.id and one.state in ("queued", "running")
        ]

    async def cancel(self, build_id: int, person: str) -> bool:
        """End a build and wait until nothing of it is left; say whether there was something to end."""
        build = self._builds.get(build_id)
        if build is None or build.has_ended:
            return False
        build.cancelled_by = build.cancelled_by or person
        if build.state == "queued":
            with suppress(ValueError):
                self._queue.remove(build)
            await build._tell(f"cancelled by {printable(person)}")  # noqa: SLF001 - ours to change
            await build._become("cancelled")  # noqa: SLF001
            return True
        if build._process is not None:  # noqa: SLF001
            build._process.cancel()  # noqa: SLF001
        await build.ended()
        return True

    def forget(self, environment: str) -> None:
        """Know no longer what was built of an environment; what has not ended stays."""
        for build in [one for one in self.of(environment) if one.has_ended]:
            del self._builds[build.id]

    async def close(self) -> None:
        """End all builds."""
        for build in [*self._queue, *([running] if (running := self.running()) else [])]:
            await self.cancel(build.id, "the service, which stops")

    async def _run_queue(self) -> None:
        while self._queue:
            build = self._queue.popleft()
            await build._become("running")  # noqa: SLF001
            build._process = asyncio.create_task(self._run(build))  # noqa: SLF001
            # Looked at below: whatever it raises must not end the queue.
            await asyncio.wait({build._process})  # noqa: SLF001
            await self._conclude(build, build._process)  # noqa: SLF001

    async def _run(self, build: Build) -> None:
        # The folder has the environment's name: that is how errors call the repo.
        folder = self._work / str(build.id) / build.request.environment
        folder.mkdir(parents=True)
        try:
            await build._tell(f"==> {build.request.environment} {build.request.commit[:12]}")  # noqa: SLF001
            build.phase = "reading the commit"
            await build.write_content(folder)
            async for event in build_process.events(self._command(build.request, folder)):
                await self._take(build, event)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder.parent, ignore_errors=True)

    async def _take(self, build: Build, event: Event) -> None:
        match event.kind:
            case "error":
                build.error = event.error()
            case "outcome":
                build.outcome = event.data
            case "phase":
                build.phase = printable(event.text)
                await build._tell(f"    {build.phase} ({event.at_s:.1f} s)")  # noqa: SLF001
            case _:
                await build._tell(*(f"    {line}" for line in printable_lines(event.text)))  # noqa: SLF001

    async def _conclude(self, build: Build, process: asyncio.Task[None]) -> None:
        if process.cancelled():
            await build._tell(f"cancelled by {printable(build.cancelled_by or 'the service')}")  # noqa: SLF001
            await build._become("cancelled")  # noqa: SLF001
            return
        problem = process.exception()
        if isinstance(problem, LecternError):
            build.error = build.error or problem
        elif problem is not None:
            build.error = LecternError(
                to_translate("the build ended unexpectedly ({reason})"),
                where=build.request.environment,
                hint=to_translate("`make logs` shows more"),
                reason=f"{type(problem).__name__}: {problem}",
            )
        if build.error is None and build.outcome is None:
            build.error = LecternError(
                to_translate("the build ended without a result"),
                where=build.request.environment,
                hint=to_translate("try again; `make logs` shows more"),
            )
        if build.error is not None:
            await build._tell(*printable_lines(f"error: {build.error}"))  # noqa: SLF001
        await build._become("failed" if build.error else "done")  # noqa: SLF001

    def _forget_oldest(self) -> None:
        ended = [one for one in self._builds.values() if one.has_ended]
        for build in ended[: max(0, len(ended) - _REMEMBERED)]:
            del self._builds[build.id]


def _waiting(ahead: list[Build]) -> str:
    first = ahead[0].request
    others = f" and {len(ahead) - 1} more" if len(ahead) > 1 else ""
    return printable(f"waiting: {first.person} builds {first.environment}{others}")
