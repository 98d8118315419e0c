"""Which releases are let go of: all but the published and the last few of each environment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lectern import names
from lectern.release import NotAReleaseError, Release, read_release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.engine import Engine


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
    found = []
    for tags, labels in engine.images_of(project):
        try:
            release = read_release(labels, image=", ".join(tags))
        except NotAReleaseError:
            continue
        found.append((release, any(tag.endswith(f":{names.PUBLISHED}") for tag in tags)))
    before = engine.used_bytes()
    removed = []
    for release in outdated(found, keep=keep):
        image = f"{names.environment_image(project, release.environment)}:{release.commit}"
        if engine.remove_unused(image):
            removed.append(image)
    engine.remove_dangling()
    return tuple(removed), max(0, before - engine.used_bytes())
