"""Which releases are let go of: all but the published and the last few of each environment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.publishing import releases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.engine import Engine
    from lectern.release import Release


def outdated(found: Iterable[tuple[Release, bool]], *, keep: int) -> tuple[Release, ...]:
    """Choose the releases to remove.

    Parameters
    ----------
    found : Iterable[tuple[Release, bool]]
        Each release, and whether it is the published one.
    keep : int
        How many of each environment stay beside the published, the newest ones.
    """
    others: dict[str, list[Release]] = defaultdict(list)
    for release, is_published in found:
        if not is_published:
            others[release.environment].append(release)
    return tuple(
        release
        for environment in sorted(others)
        for release in sorted(others[environment], key=lambda one: one.built_at, reverse=True)[keep:]
    )


def prune_releases(engine: Engine, project: str, *, keep: int) -> tuple[tuple[str, ...], int]:
    """Remove outdated releases of a project, and layers that nothing needs.

    Returns
    -------
    tuple[str, ...], int
        Names of what was removed, and the bytes that this freed.
    """
    here = releases(engine, project)
    tags = {one.release: one.tag for one in here}
    before = engine.used_bytes()
    removed = []
    for release in outdated(((one.release, one.is_published) for one in here), keep=keep):
        image = f"{names.environment_image(project, release.environment)}:{tags[release]}"
        if engine.remove_unused(image):
            removed.append(image)
    engine.remove_dangling()
    return tuple(removed), max(0, before - engine.used_bytes())
