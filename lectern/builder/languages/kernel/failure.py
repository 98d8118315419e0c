"""Why a cell failed, as a notebook shows it. Pure."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """Why a cell failed, as a notebook shows it."""

    name: str
    message: str
    trace: str = ""


def no_input() -> Failure:
    """Give the failure of a cell that asked where nobody can answer."""
    return Failure("NoInput", "the cell asks for input, and there is nobody to answer")


def how_it_ended(status: int) -> str:
    """Say how a program ended, by its exit status or the negative number of a signal."""
    if status >= 0:
        return f"ended with exit status {status}"
    name = signal.Signals(-status).name
    hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"
