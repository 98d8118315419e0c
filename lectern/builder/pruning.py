"""Which releases are let go of: all but the published, the last of each branch, and what somebody uses."""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.releases import releases
from lectern.release import NotAReleaseError, Release, read_release

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from lectern.builder.engine import Engine

#: Releases of each branch that stay beside the published one, to go back to.
KEPT = 2


def outdated(found: Iterable[tuple[Release, bool]], *, keep: int) -> tuple[Release, ...]:
    """Choose the releases to remove.

    Parameters
    ----------
    found : Iterable[tuple[Release, bool]]
        Each release, and whether it is the published one.
    keep : int
        How many of each branch of an environment stay beside the published, the newest ones.
    """
    others: dict[tuple[str, str], list[Release]] = defaultdict(list)
    for release, is_published in found:
        if not is_published:
            others[release.environment, release.ref].append(release)
    return tuple(
        release
        for branch in sorted(others)
        for release in sorted(others[branch], key=lambda one: one.built_at, reverse=True)[keep:]
    )


def prune_releases(
    engine: Engine, project: str, *, disk: Path, keep: int = KEPT, environment: str = ""
) -> tuple[tuple[str, ...], int]:
    """Remove outdated releases of a project, and layers that nothing needs.

    Parameters
    ----------
    disk : Path
        A folder on the engine's disk.
    keep : int
        How many of each branch stay beside the published.
    environment : str
        Whose releases are looked at; empty for all.

    Returns
    -------
    tuple[str, ...], int
        Names of what was removed, and the bytes that this freed.
    """
    here = [one for one in releases(engine, project) if environment in {"", one.release.environment}]
    tags = {one.release: one.tag for one in here}
    going = outdated(((one.release, one.is_published) for one in here), keep=keep)
    return _remove(engine, project, ((release, tags[release]) for release in going), disk)


def prune_branches(
    engine: Engine, project: str, environment: str, branches: Collection[str], *, disk: Path
) -> tuple[tuple[str, ...], int]:
    """Remove an environment's previews of branches that are gone; else as `prune_releases`.

    Parameters
    ----------
    branches : Collection[str]
        Those that are there. A release that came by none, from a folder, stays.
    """
    going = [
        (one.release, one.tag)
        for one in releases(engine, project)
        if one.release.environment == environment and not one.is_published
        if one.release.ref and one.release.ref not in branches
    ]
    return _remove(engine, project, going, disk)


def _remove(
    engine: Engine, project: str, going: Iterable[tuple[Release, str]], disk: Path
) -> tuple[tuple[str, ...], int]:
    used = _in_use(engine, project)
    before = shutil.disk_usage(disk).free
    removed = []
    for release, tag in going:
        image = f"{names.environment_image(project, release.environment)}:{tag}"
        if release not in used and engine.remove_unused(image):
            removed.append(image)
    # Also those that were published once: they differ from a release in labels only.
    engine.remove_dangling()
    return tuple(removed), max(0, shutil.disk_usage(disk).free - before)


def _in_use(engine: Engine, project: str) -> set[Release]:
    found = set()
    for labels in engine.labels_of_containers(project):
        with suppress(NotAReleaseError):  # one of the builder's own
            found.add(read_release(labels, image=""))
    return found
