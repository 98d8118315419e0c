"""What the page says while a server starts. Pure: the queue's outlook in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lectern.hub.admission import Outlook

_MINUTE_S = 60
_STEP_S = 5


@dataclass(frozen=True)
class Told:
    """One event of JupyterHub's progress: a bar from 0 to 100, and a sentence."""

    progress: int
    message: str


def tell(outlook: Outlook | None, *, is_second_attempt: bool) -> Told:
    """Say how far a start is.

    Parameters
    ----------
    outlook : Outlook or None
        The place in the queue; None for a server that boots.
    is_second_attempt : bool
        Whether the server failed to come up once already.
    """
    again = "It did not come up; trying once more. " if is_second_attempt else ""
    if outlook is None:
        return Told(60, f"{again}Your server is starting")
    place = f"You are number {outlook.place} in the queue"
    if outlook.lacks_memory:
        return Told(
            5,
            f"{again}{place}. All memory of this machine is in use: your server starts "
            "as soon as some becomes free. If it takes long, tell your teacher.",
        )
    return Told(
        max(10, 50 - outlook.place), f"{again}{place}; your server starts in {_duration(outlook.wait_s)}"
    )


def _duration(seconds: float) -> str:
    """Give a time as precise as a guess is: in steps of 5 seconds, then in minutes."""
    if seconds < _MINUTE_S:
        return f"about {max(_STEP_S, _STEP_S * math.ceil(seconds / _STEP_S))} seconds"
    minutes = math.ceil(seconds / _MINUTE_S)
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"
