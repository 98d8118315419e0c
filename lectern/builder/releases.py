"""Which releases there are, and which of them new starts use: images' labels and tags are the only record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import names
from lectern.errors import EngineError
from lectern.release import NotAReleaseError, Publication, Release, read_publication, read_release

if TYPE_CHECKING:
    from lectern.builder.engine import Engine


@dataclass(frozen=True)
class ReleaseHere:
    """A release whose image is on this engine."""

    release: Release
    tag: str  # what names it in `publish_release`: its commit, with its identity where there are several
    publication: Publication | None  # of the one that new starts use
    size_bytes: int  # with the notebook image that it is built on

    @property
    def is_published(self) -> bool:
        """Whether new starts use it."""
        return self.publication is not None


def publish_release(engine: Engine, project: str, environment: str, tag: str, person: str) -> Release:
    """Make a release that is here the one that new starts use; an older one, to roll back.

    The tag moves in one call of the engine, to a child that differs in labels only, so that killing this
    process at any moment leaves the earlier release published, or this one.

    Parameters
    ----------
    engine : Engine
        Where its image is.
    project : str
        The installation's name.
    environment : str
        Whose release it is.
    tag : str
        Its commit, or `ReleaseHere.tag`.
    person : str
        Who publishes it; empty for a script.

    Raises
    ------
    EngineError
        There is no such release.
    """
    image = f"{names.environment_image(project, environment)}:{tag}"
    labels = engine.find_labels(image)
    if labels is None:
        raise EngineError(
            "there is no such release",
            where=f"{environment}:{tag}",
            hint="`scripts/lectern env list` shows those that are here",
        )
    release = read_release(labels, image=image)
    published = names.published_tag(project, environment)
    now = engine.find_labels(published)
    if now is None or _release_of(now) != release:
        engine.label(image, Publication(person, datetime.now(UTC)).to_labels(), tag=published)
    return release


def releases(engine: Engine, project: str) -> list[ReleaseHere]:
    """List the releases of a project that are here, by environment and time of build.

    Labels and tags of images are the only record, so what this says is true whatever was killed when.
    """
    found: dict[Release, ReleaseHere] = {}
    publications: dict[Release, Publication] = {}
    for image in engine.images_of(project):
        if (release := _release_of(image.labels)) is None:
            continue
        repository = names.environment_image(project, release.environment)
        tags = [tag.removeprefix(f"{repository}:") for tag in image.tags]
        if names.PUBLISHED in tags:
            publications[release] = read_publication(image.labels, image=repository)
        for tag in sorted(tags, key=len):
            if release not in found or found[release].tag == names.PUBLISHED:
                found[release] = ReleaseHere(release, tag, None, image.size_bytes)
    here = [
        ReleaseHere(release, one.tag, publications.get(release), one.size_bytes)
        for release, one in found.items()
    ]
    return sorted(here, key=lambda one: (one.release.environment, one.release.built_at))


def _release_of(labels: dict[str, str]) -> Release | None:
    try:
        return read_release(labels, image="")
    except NotAReleaseError:
        return None
