"""Delta layers: a change of some packages costs a thin layer, not the whole of /opt/env again. Pure.

The lock that is built already stays a step of its own, which the cache answers; the new lock is synced on
top of it. /opt/env is then byte for byte what a fresh build gives. Each push adds a link to the chain; it
is begun anew when it grew long, or when so much was removed that the lower layers hold mostly waste.
"""

from __future__ import annotations

import re

#: Links cost a little at each build and hide removed files for ever; ten pushes are a course's term.
MAX_LINKS = 10
_MAX_REMOVED = 0.25

_RELEASE = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)", re.MULTILINE)


def next_chain(chain: tuple[str, ...], lock: str) -> tuple[str, ...]:
    """Say which locks are synced one after another to end at a new one.

    Parameters
    ----------
    chain : tuple[str, ...]
        The locks that the last release was built with, the oldest first; empty when there was none, or
        when what lies under /opt/env (Debian packages, Python itself) has changed since.
    lock : str
        Requirements that /opt/env has to hold in the end.
    """
    if lock in chain:
        return chain[: chain.index(lock) + 1]
    if not chain or len(chain) >= MAX_LINKS:
        return (lock,)
    before, after = _releases(chain[-1]), _releases(lock)
    replaced = len(before - after)
    if replaced > _MAX_REMOVED * max(1, len(before)):
        return (lock,)
    return (*chain, lock)


def _releases(lock: str) -> set[tuple[str, str]]:
    return set(_RELEASE.findall(lock))
