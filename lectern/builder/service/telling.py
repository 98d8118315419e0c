"""What a pusher, and the `lectern env` command, read of a build. Pure but for waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lectern.builder.service import addresses
from lectern.builder.service.printable import printable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lectern.builder.service.builds import Build

_HEARTBEAT_S = 10
_MOST_CHANGES = 20

type Say = Callable[[str], Awaitable[None]]


class ToldError(Exception):
    """A build has failed, and its log, which the asker has seen, says why."""


async def follow(build: Build, say: Say) -> None:
    """Say a build's log as it grows, and every few seconds that it still goes on."""
    lines = build.lines()
    begun = asyncio.get_running_loop().time()
    while True:
        line = asyncio.ensure_future(anext(lines, None))
        try:
            while not (await asyncio.wait({line}, timeout=_HEARTBEAT_S))[0]:
                what = "waiting" if build.state == "queued" else build.phase or "building"
                await say(f"    {what} … ({asyncio.get_running_loop().time() - begun:.0f} s)")
        finally:
            line.cancel()
        if (text := line.result()) is None:
            return
        await say(text)


def result(build: Build, *, address: str) -> list[str]:
    """Give the lines that tell how a build ended."""
    outcome = build.outcome
    if build.state != "done" or outcome is None:
        return ["nothing was published: new servers start from the same release as before"]
    environment = build.request.environment
    identity = str(outcome.get("identity", ""))[:12]
    lines = [*map(change, outcome.get("changes", ())[:_MOST_CHANGES])]
    if (more := len(outcome.get("changes", ())) - _MOST_CHANGES) > 0:
        lines.append(f"    and {more} more")
    if phases := outcome.get("phases"):
        lines.append(
            "    " + " · ".join(f"{printable(str(name))} {seconds:.1f} s" for name, seconds in phases.items())
        )
    if outcome.get("published"):
        lines.append(f"==> published {environment}, identity {identity}: new servers start from it")
        lines.append(f"    {address}/hub/spawn?{urlencode({'environment': environment})}")
    else:
        lines.append(f"==> preview of {environment}, identity {identity}: not published; try it at")
        path = addresses.preview(build.request.person, environment, build.request.commit)
        lines.append(f"    {address}{path}")
    return lines


def change(told: dict[str, Any]) -> str:
    """Give one package's change as a line."""
    before, after = (printable(str(told.get(key) or "")) for key in ("before", "after"))
    sign = "+" if not before else "-" if not after else "~"
    version = f"{before} → {after}" if before and after else before or after
    return f"    {sign} {printable(str(told.get('name', '')))} {version}"
