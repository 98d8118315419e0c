"""How much a build may take: memory, disk, log, processes, time."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lectern.builder.step_files import read_step
from lectern.errors import BuildError
from lectern.settings import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lectern.settings import Settings

#: Far more than any installer starts, and few enough that the machine does not feel them.
_PROCESSES = 2000
#: Of the engine's disk, what a running build leaves to all others.
_FREE_DISK_BYTES = 1024 * MIB

_EXCEEDED = re.compile(r"exit code: 99\b")
_SENTENCE = re.compile(
    r"^(?:#\d+ )?(?:\d+\.\d+ )?error: (?P<where>[^:\n]+): (?P<what>[^\n]+)\n"
    r"(?:#\d+ )?(?:\d+\.\d+ )?hint: (?P<hint>[^\n]+)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Limits:
    """What steps/bounded.py holds a build step to."""

    memory_bytes: int
    disk_bytes: int
    log_bytes: int
    free_disk_bytes: int = _FREE_DISK_BYTES
    processes: int = _PROCESSES


def limits_of(settings: Settings) -> Limits:
    """Give the limits that an installation's settings say."""
    return Limits(settings.build_memory, settings.build_disk, settings.build_log_mb * MIB)


def program(limits: Limits, *, where: str = "") -> str:
    """Give the program that runs a command within limits, as Python code.

    Parameters
    ----------
    where : str
        How its errors call what they are about; else it is the step's name.
    """
    texts = repr(asdict(limits) | {"where": where})
    return read_step("bounded.py").replace("LIMITS: dict = {}", f"LIMITS = {texts}", 1)


def excess(log: str) -> BuildError | None:
    """Read off a build's log that a step was ended because it exceeded a limit."""
    if not _EXCEEDED.search(log):
        return None
    said = list(_SENTENCE.finditer(log))
    return BuildError(said[-1]["what"], where=said[-1]["where"], hint=said[-1]["hint"]) if said else None


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """End what runs in the block when it takes too long, wherever it is; in the main thread only.

    Raises
    ------
    BuildError
        It took longer.
    """

    def end(*_: object) -> None:
        raise BuildError(
            f"did not end within {seconds} s",
            where="the build",
            hint="a build step must end by itself; LECTERN_BUILD_TIMEOUT_S sets the limit",
        )

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
