"""Who boots next: a few servers at a time, as far as the machine's memory reaches, in order of arrival.

Sixty boots side by side all end at the end; three at a time end one after the other at the same
throughput, so the median participant waits a third as long. Who clicked goes before servers that are
started ahead. Nobody is refused: who does not fit waits, and is told the place and the expected time.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: A server that is ready and unused; what a participant takes on top comes with the work.
IDLE_BYTES = 64 << 20
#: So long a new server is counted with what its participant will need, afterwards with what it uses.
SETTLES_S = 600
_LOOK_EVERY_S = 1
_REMEMBERED_BOOTS = 20
#: The first guess at a boot, before one was measured.
_FIRST_GUESS_S = 2.0


class WaitedTooLongError(Exception):
    """No memory became free within the limit."""


class Priority(IntEnum):
    """Who goes first."""

    CLICK = 0  # a person waits
    AHEAD = 1  # started before anybody asks


@dataclass(frozen=True)
class Budget:
    """What the machine's memory may be used for, in bytes."""

    reserved: int  # left to the host, whatever happens
    per_server: int  # a server with a participant at light work


@dataclass(frozen=True)
class Outlook:
    """What somebody who waits is told."""

    place: int
    wait_s: float
    lacks_memory: bool


@dataclass(eq=False)
class _Turn:
    who: str
    priority: Priority
    number: int
    is_mine: asyncio.Future[None]

    @property
    def rank(self) -> tuple[int, int]:
        return (self.priority, self.number)


class Admission:
    """A first-come-first-served gate with two priorities and a memory budget.

    Parameters
    ----------
    at_once : int
        How many may be inside, at least 1.
    budget : Budget
        What memory has to be left, and what a server is counted with.
    available : callable
        Gives the bytes that servers could still get on this machine, told what one is counted with;
        asked at each decision.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self,
        at_once: int,
        budget: Budget,
        available: Callable[[int], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once, self._budget = at_once, budget
        self._available, self._clock = available, clock
        self._inside: set[_Turn] = set()
        self._waiting: list[_Turn] = []
        self._arrivals = 0
        self._young: dict[str, float] = {}  # who has become ready when
        self._boots: deque[float] = deque(maxlen=_REMEMBERED_BOOTS)
        self._lacks_memory = False
        self._watch: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def admitted(
        self, who: str, priority: Priority = Priority.CLICK, limit_s: float | None = None
    ) -> AsyncIterator[None]:
        """Wait for one's turn, hold it inside the block, hand it on afterwards, however that ends.

        Raises
        ------
        WaitedTooLongError
            The turn did not come within `limit_s`.
        """
        turn = await self._enter(who, priority, limit_s)
        begun = self._clock()
        try:
            yield
            self._boots.append(self._clock() - begun)
            self._young[who] = self._clock()
        finally:
            self._leave(turn)

    def ended(self, who: str) -> None:
        """Say that a server is gone: its memory counts for others."""
        self._young.pop(who, None)
        self._admit()

    def hurry(self, who: str) -> None:
        """Say that a person now waits for a server that was to be started ahead."""
        for turn in self._waiting:
            if turn.who == who and turn.priority is not Priority.CLICK:
                turn.priority = Priority.CLICK
                turn.number = self._next_number()
                self._waiting.sort(key=lambda turn: turn.rank)

    def outlook(self, who: str) -> Outlook | None:
        """Give place and expected wait of somebody who waits; None for whoever does not."""
        for place, turn in enumerate(self._waiting, 1):
            if turn.who == who:
                boot_s = sum(self._boots) / len(self._boots) if self._boots else _FIRST_GUESS_S
                # Behind those who boot now and those before: so many rounds, own boot included.
                rounds = math.ceil((place + len(self._inside)) / self._at_once)
                return Outlook(place, rounds * boot_s, self._lacks_memory)
        return None

    # --- turns --------------------------------------------------------------------------------------

    def _next_number(self) -> int:
        self._arrivals += 1
        return self._arrivals

    async def _enter(self, who: str, priority: Priority, limit_s: float | None) -> _Turn:
        turn = _Turn(who, priority, self._next_number(), asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        self._waiting.sort(key=lambda turn: turn.rank)
        self._admit()
        try:
            async with asyncio.timeout(limit_s):
                await turn.is_mine
        except BaseException as problem:
            if turn in self._waiting:
                self._waiting.remove(turn)
            self._leave(turn)  # its turn may have come just as its owner gave up
            if isinstance(problem, TimeoutError):
                raise WaitedTooLongError from problem
            raise
        return turn

    def _leave(self, turn: _Turn) -> None:
        self._inside.discard(turn)
        self._admit()

    def _admit(self) -> None:
        """Give turns to whom there is room for, and look again later where memory is short."""
        self._lacks_memory = False
        while self._waiting and len(self._inside) < self._at_once:
            if not self._has_memory():
                self._lacks_memory = True
                self._look_again()
                return
            turn = self._waiting.pop(0)
            if not turn.is_mine.done():  # else its owner has just given up
                self._inside.add(turn)
                turn.is_mine.set_result(None)

    def _has_memory(self) -> bool:
        now = self._clock()
        self._young = {who: ready for who, ready in self._young.items() if now - ready < SETTLES_S}
        per_server = self._budget.per_server
        promised = len(self._inside) * per_server + len(self._young) * max(0, per_server - IDLE_BYTES)
        return self._available(per_server) - self._budget.reserved - promised >= per_server

    def _look_again(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._watch_memory())

    async def _watch_memory(self) -> None:
        while self._lacks_memory and self._waiting:
            await asyncio.sleep(_LOOK_EVERY_S)
            self._admit()
