"""How much memory the machine has, read anew at each question: what is plugged into a VM counts at once.

``/proc/meminfo`` tells of the machine also inside a container with a limit of its own, and the hub's own
limit says nothing about participants' servers, which are containers beside it. In a system container
(LXC) the kernel's figures are the host's; there the engine is told less, and counting takes their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MEMINFO = Path("/proc/meminfo")

#: Hub, proxy, database and what else an idle installation holds, as scripts/preflight counts them.
SERVICES_BYTES = 700 << 20

_KIB = 1024
#: Kernel and engine speak of one machine when their totals are this close.
_SAME_MACHINE = 0.95


@dataclass(frozen=True)
class MachineMemory:
    """Memory in bytes: what there is, and what a new program could get without swapping."""

    total: int
    available: int


@dataclass(frozen=True)
class EngineView:
    """What the Docker engine says: the memory it is told of, and how many participants' servers it runs."""

    total: int
    servers: int


def parse_meminfo(text: str) -> MachineMemory:
    """Read what the kernel writes into ``/proc/meminfo``.

    Raises
    ------
    ValueError
        A line is missing.
    """
    sizes = {}
    for line in text.splitlines():
        name, _, size = line.partition(":")
        words = size.split()
        if name in {"MemTotal", "MemAvailable"} and words and words[0].isascii() and words[0].isdigit():
            sizes[name] = int(words[0]) * _KIB
    try:
        return MachineMemory(sizes["MemTotal"], sizes["MemAvailable"])
    except KeyError as problem:
        raise ValueError(f"no {problem.args[0]}") from problem


def read_memory(path: Path = MEMINFO) -> MachineMemory:
    """Ask the kernel."""
    return parse_meminfo(path.read_text(encoding="ascii"))


def available_bytes(kernel: MachineMemory, engine: EngineView, per_server: int) -> int:
    """Give what servers may still take.

    Parameters
    ----------
    kernel : MachineMemory
        What ``/proc/meminfo`` says.
    engine : EngineView
        Where its total is less, this is a part of the machine, in which only counting tells what is used.
    per_server : int
        What a running server is counted with there.
    """
    if engine.total >= kernel.total * _SAME_MACHINE:
        return kernel.available
    return min(kernel.available, engine.total - SERVICES_BYTES - engine.servers * per_server)
