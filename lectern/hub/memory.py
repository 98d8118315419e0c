"""Change the memory limit of servers that run: of one person, or of everybody in a course."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.hub.start_errors import StartError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyterhub.user import User

    from lectern.hub.spawner import WorkspaceSpawner


@dataclass(frozen=True)
class Changed:
    """What came of it."""

    names: tuple[str, ...]  # whose limit is another now
    refused: tuple[StartError, ...]  # who uses more already


def course_of_server(user: User) -> str:
    """Name the course that somebody's running server is in; empty when it does not run."""
    spawner = user.spawner
    return str(spawner.running_course) if spawner.ready else ""


async def change_memory(users: Iterable[User], wanted_bytes: int) -> Changed:
    """Give a new limit to each of these people whose server runs."""
    running: list[WorkspaceSpawner] = [user.spawner for user in users if user.spawner.ready]
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
            case _:
                raise answer
    return Changed(tuple(sorted(done)), tuple(refused))
