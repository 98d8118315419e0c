"""Pins of another age: releases that resolve on a Python which their makers never saw.

A wheel without compiled parts claims to fit every later Python and every later release of what it needs.
`geopandas==0.9.0` of 2021 resolves on Python 3.13 with the pandas of today, and fails when it is imported.
A pin counts as such when its release is older than a Python, newer releases of it exist, and something
that it needs was chosen from after that time. Which Python: the one that would run it, as long as the
choice is ours; where the author named one, the second before it, because what a release could rely on stays
for two more Pythons (PEP 387).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from lectern.builder.resolve import uv
from lectern.builder.resolve.python_version import FIRST_RELEASE, OFFERED, python_line
from lectern.builder.resolve.refusals import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lectern.builder.resolve.explain import Placed
    from lectern.builder.resolve.simple_index import SimpleIndex


@dataclass(frozen=True)
class Look:
    """Where to look, and which Python's first release parts old from new."""

    question: uv.Question  # with the Python that will run what was chosen
    era: str
    named: str  # the line that names a Python, "" when there is none
    find_index: Callable[[], SimpleIndex]  # asked only when a pin is old
    uv_cache: Path


def find_stale(placed: Sequence[Placed], locked: Sequence[uv.Locked], look: Look) -> tuple[Reason, ...]:
    """Say which pins are of another age than the Python that they would run on.

    Parameters
    ----------
    placed : Sequence[Placed]
        The declared requirements.
    locked : Sequence[Locked]
        What was chosen.
    look : Look
        Where to look.
    """
    born = FIRST_RELEASE[look.era].isoformat()
    pins: dict[str, Placed] = {canonicalize_name(one.parsed.name): one for one in placed if _is_pin(one)}
    old = [one for one in locked if one.name in pins and one.uploaded and one.uploaded < born]
    if not old:
        return ()
    needed_by = uv.requirers(look.question, look.uv_cache)
    fresh = {one.name for one in locked if one.uploaded >= born and one.name not in pins}
    mixed = [one for one in old if any(one.name in needed_by.get(name, ()) for name in fresh)]
    return tuple(_reason(one, pins[one.name], look) for one in mixed if _has_newer(one, look.find_index()))


def two_before(python: str) -> str:
    """Give the Python that came out two releases before another."""
    return OFFERED[max(0, OFFERED.index(python) - 2)]


def _is_pin(placed: Placed) -> bool:
    return any(part.operator in {"==", "==="} for part in placed.parsed.specifier)


def _has_newer(one: uv.Locked, index: SimpleIndex) -> bool:
    have = Version(one.version)
    files = index.find_files(one.name) or ()
    return any(file.version > have for file in files if file.version and not file.version.is_prerelease)


def _reason(one: uv.Locked, placed: Placed, look: Look) -> Reason:
    date = one.uploaded[:10]
    contemporary = max(
        (minor for minor in OFFERED if FIRST_RELEASE[minor].isoformat() <= date),
        key=OFFERED.index,
        default="",
    )
    ways = [
        f"write {python_line(contemporary, look.named or placed.where)}" if contemporary else "",
        f"take the version off `{placed.parsed.name}`",
    ]
    return Reason(
        placed.where,
        f"`{placed}` is of {date}, older than Python {look.question.python}, "
        "and would run with much newer packages",
        " or ".join(filter(None, ways)),
    )
