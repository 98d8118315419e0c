"""A class needs its environment: one that cannot be built anew goes on with the release it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lectern.builder.service.printable import printable
from lectern.builder.service.telling import ToldError
from lectern.errors import LecternError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lectern.builder.releases import ReleaseHere
    from lectern.builder.service.telling import Say


async def built_or_kept(
    building: Awaitable[dict[str, Any] | None],
    published: Callable[[], Awaitable[ReleaseHere | None]],
    say: Say,
) -> dict[str, Any] | ReleaseHere | None:
    """Wait for a build; when it fails, go on with what is published, and say so.

    Parameters
    ----------
    building : Awaitable[dict[str, Any] | None]
        Gives the build's outcome; None where there was nothing to do.
    published : Callable[[], Awaitable[ReleaseHere | None]]
        Gives the release that new starts use.
    say : Say
        Told what somebody should know.

    Raises
    ------
    LecternError, ToldError
        The build failed, and nothing is published.
    """
    try:
        return await building
    except (LecternError, ToldError) as problem:
        kept = await published()
        if kept is None:
            raise
        # Without a newer release a class can work: a package index that is down stops nobody.
        if isinstance(problem, LecternError):
            await say(f"    {printable(str(problem).splitlines()[0])}")
        name, release = kept.release.environment, kept.release
        await say(
            f"warning: {name} could not be built anew: "
            f"servers start from release {release.commit[:12]} of {release.built_at:%Y-%m-%d}"
        )
        await say(f"hint: `scripts/lectern env build {name}` tries again")
        return kept
