"""What an environment leaves beside its repo and its images: who works in it, and files of its builds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from lectern.builder.credentials import credentials_of
from lectern.builder.records import Records
from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST_NAMED = 5


def require_unused(name: str, participants: Iterable[str]) -> None:
    """See that nobody has a server that was started from an environment.

    Parameters
    ----------
    name : str
        The environment.
    participants : Iterable[str]
        Whose servers were; one person may have two.

    Raises
    ------
    RepoError
        Somebody has; names the first of them.
    """
    people = list(dict.fromkeys(participants))
    if not people:
        return
    more = len(people) - _MOST_NAMED
    raise RepoError(
        to_translate("participants work in it: {people}, and {count} more")
        if more > 0
        else to_translate("participants work in it: {people}"),
        where=name,
        hint=to_translate("wait until their servers have ended, or stop them"),
        people=", ".join(people[:_MOST_NAMED]),
        count=more,
    )


def remove_records(builds: Path, name: str) -> None:
    """Remove logs, locks, lists of packages and tokens of an environment that is gone.

    Parameters
    ----------
    builds : Path
        The folder of builds.
    name : str
        The environment.
    """
    shutil.rmtree(credentials_of(builds, name).folder, ignore_errors=True)
    Records(builds / name).remove()
