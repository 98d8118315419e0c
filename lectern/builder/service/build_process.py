"""A build's child process: its events as they come, and its end, whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

#: One event; a longer line is no event of ours.
_LONGEST_LINE = 1 << 20
#: A build that is told to end removes what it made; then it is killed.
_GRACE_S = 25
_LOOK_EVERY_S = 0.05
_TAIL = 4000


@dataclass(frozen=True)
class Event:
    """One line that `lectern build --events` printed."""

    kind: str  # "phase", "step", "notice", "error", "outcome"
    text: str
    at_s: float  # seconds since the build began
    data: dict[str, Any]

    def error(self) -> BuildError:
        """Give the error that this event tells."""
        return BuildError(
            self.text, where=str(self.data.get("where") or ""), hint=str(self.data.get("hint") or "")
        )


def read_event(line: str) -> Event | None:
    """Read one line; None when it is no event."""
    try:
        data = json.loads(line)
        return Event(str(data["kind"]), str(data.get("text") or ""), float(data.get("at_s") or 0), data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


async def events(command: Sequence[str]) -> AsyncIterator[Event]:
    """Run a build and give its events; when the caller goes away, the build is ended.

    Raises
    ------
    BuildError
        It failed without saying so by an event; what it said instead is told.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,  # all that it starts is ended with it
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    assert process.stderr is not None  # noqa: S101
    complaints = asyncio.create_task(_tail(process.stderr))
    has_failed = False
    try:
        async for raw in _lines(process.stdout):
            if event := read_event(raw.decode(errors="replace")):
                has_failed = has_failed or event.kind == "error"
                yield event
        status = await process.wait()
        said = await complaints
        if status and not has_failed:
            raise BuildError(
                f"ended with exit status {status}\n{said.strip()}".rstrip(),
                where="build",
                hint="push again; if it stays so, `make logs` shows more",
            )
    finally:
        await asyncio.shield(_end(process))
        complaints.cancel()


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than any event: its beginning is dropped
            continue
        if not line:
            return
        yield line


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = b""
    while part := await stream.read(1 << 16):
        kept = (kept + part)[-_TAIL:]
    return kept.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()  # it alone: it ends its own children and removes what it made
        with suppress(TimeoutError):
            await asyncio.wait_for(_gone(process), _GRACE_S)
    # A build may have left children behind, its own end notwithstanding.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait for one process; `wait` would wait for all that hold its pipes open, its children too."""
    while process.returncode is None:  # noqa: ASYNC110 - asyncio has no event for it
        await asyncio.sleep(_LOOK_EVERY_S)
