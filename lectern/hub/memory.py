"""Change the memory limit of servers that run: of one person, or of everybody in a course."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.hub.start_errors import StartError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.hub.spawner import WorkspaceSpawner


_log = logging.getLogger("lectern.memory")


@dataclass(frozen=True)
class Changed:
    """What came of it."""

    names: tuple[str, ...]  # whose limit is another now
    refused: tuple[StartError, ...]  # who uses more already, or could not be reached


async def change_memory(spawners: Iterable[WorkspaceSpawner], wanted_bytes: int) -> Changed:
    """Give a new limit to each of these servers that runs."""
    running = [spawner for spawner in spawners if spawner.ready]
    answers: list[Any] = await asyncio.gather(
        *(spawner.change_memory(wanted_bytes) for spawner in running), return_exceptions=True
    )
    done, refused = [], []
    for spawner, answer in zip(running, answers, strict=True):
        match answer:
            case None:
                done.append(str(spawner.user.name))
            case StartError():
                refused.append(answer)
            case Exception():  # the container is gone; the others' limits are new all the same
                _log.warning("the memory of %s: %s", spawner.user.name, answer)
                told = to_translate("{name}'s server could not be changed: is it still there?")
                refused.append(StartError(told, name=spawner.user.name))
            case _:
                raise answer
    return Changed(tuple(sorted(done)), tuple(refused))
