"""Whether a process waits for what may come by a pipe: Linux tells the system call that each thread is in."""

from __future__ import annotations

import platform
import select
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Numbers of system calls by what they wait for, by machine; another machine's are not known.
_CALLS = {
    "x86_64": {0: "read", 7: "poll", 271: "poll", 23: "select", 270: "select", 232: "epoll", 281: "epoll"},
    "aarch64": {63: "read", 73: "poll", 72: "select", 22: "epoll"},
}.get(platform.machine(), {})

_POLLED = struct.Struct("=ihh")  # struct pollfd: file, events, answer
_MOST_FILES = 1024


def waits_for(process: Path, pipe: int) -> bool:
    """Say whether a thread of a process reads from a pipe, or waits until it can.

    Interpreters with threads of their own look first by `poll` and its like, and read only what is there.

    Parameters
    ----------
    process : Path
        Its folder in /proc. Where that may not be read, the answer is no.
    pipe : int
        The pipe's inode.
    """
    with suppress(OSError, ValueError):
        for task in (process / "task").iterdir():
            call = (task / "syscall").read_text(encoding="ascii").split()
            for file in _awaited(process, call):
                if any(_is(process, one, pipe) for one in (file, *_watched(process, file))):
                    return True
    return False


def _is(process: Path, file: int, pipe: int) -> bool:
    with suppress(OSError):  # closed meanwhile
        return (process / "fd" / str(file)).stat().st_ino == pipe
    return False


def _awaited(process: Path, call: list[str]) -> Iterator[int]:
    """Give the files whose input a system call waits for."""
    kind = _CALLS.get(int(call[0])) if call[0].isdigit() else None
    if kind is None:
        return
    first, second = int(call[1], 16), int(call[2], 16)
    if kind in {"read", "epoll"}:
        yield first
    elif kind == "poll":
        polled = _memory(process, first, min(second, _MOST_FILES) * _POLLED.size)
        yield from (file for file, events, _ in _POLLED.iter_unpack(polled) if events & select.POLLIN)
    elif kind == "select" and second:
        bits = int.from_bytes(_memory(process, second, min(first, _MOST_FILES) // 8 + 1), "little")
        yield from (file for file in range(min(first, _MOST_FILES)) if bits >> file & 1)


def _memory(process: Path, address: int, size: int) -> bytes:
    with (process / "mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)


def _watched(process: Path, file: int) -> Iterator[int]:
    """Give the files in a set of epoll's, which others may wait for in turn; none where it is no such set."""
    for line in (process / "fdinfo" / str(file)).read_text(encoding="ascii").splitlines():
        match line.split():
            case ["tfd:", watched, "events:", events, *_] if int(events, 16) & select.EPOLLIN:
                yield int(watched)
