"""Whether a newer release waits for somebody whose server runs; asked often, looked up rarely."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FRESH_S = 10.0


@dataclass(frozen=True)
class Running:
    """The release that a server was started from."""

    environment: str
    commit: str


class PublishedCommits:
    """The published commit of each environment, remembered for some seconds.

    A class that reloads its home page costs the engine one look, not sixty.

    Parameters
    ----------
    clock : Callable[[], float]
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}

    async def commit(self, environment: str, look: Callable[[str], Awaitable[str]]) -> str:
        """Give the published commit of an environment, by `look` when it is not known freshly."""
        seen, commit = self._known.get(environment, (float("-inf"), ""))
        if self._clock() - seen < _FRESH_S:
            return commit
        commit = await look(environment)
        self._known[environment] = (self._clock(), commit)
        return commit

    async def is_newer_waiting(self, running: Running | None, look: Callable[[str], Awaitable[str]]) -> bool:
        """Say whether another release than the running one would be used by a new start."""
        if running is None:
            return False
        published = await self.commit(running.environment, look)
        return published not in ("", running.commit)
