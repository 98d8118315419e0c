"""Who boots next: a few servers at a time, in order of arrival, each told its place.

Sixty boots side by side all end at the end; three at a time end one after the other at the same
throughput, so the median participant waits a third as long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Admission:
    """A first-come-first-served gate.

    Parameters
    ----------
    at_once : int
        How many may be inside, at least 1.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def admitted(self, who: str) -> AsyncIterator[None]:
        """Wait for one's turn, hold it inside the block, hand it on afterwards, however that ends."""
        await self._enter(who)
        try:
            yield
        finally:
            self._leave()

    def place(self, who: str) -> int:
        """Give the place in the queue, from 1; 0 for whoever does not wait."""
        return next((place for place, (name, _) in enumerate(self._waiting, 1) if name == who), 0)

    async def _enter(self, who: str) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((who, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if (who, turn) in self._waiting:
                self._waiting.remove((who, turn))
            elif turn.done() and not turn.cancelled():
                self._leave()  # the turn came just as its owner gave up
            raise

    def _leave(self) -> None:
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
