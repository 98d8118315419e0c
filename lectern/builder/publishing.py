"""The story of a release in one function: read → resolve → build → publish; and which releases there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.building import lock_for, make_release
from lectern.builder.declaration import read_declaration
from lectern.builder.limits import within
from lectern.builder.manifest import Change, NotAManifestError, differences, read_manifest
from lectern.builder.progress import Stopwatch
from lectern.builder.turn import turn
from lectern.errors import EngineError
from lectern.release import NotAReleaseError, Publication, Release, read_publication, read_release

if TYPE_CHECKING:
    from typing import Any

    from lectern.builder.building import Order
    from lectern.builder.engine import Engine
    from lectern.builder.progress import PhaseListener
    from lectern.settings import Settings


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


@dataclass(frozen=True)
class Outcome:
    """A release, whether it had to be built, and what came of it."""

    release: Release
    is_new: bool
    is_published: bool
    changes: tuple[Change, ...] = ()  # against the release that was published before
    phases: dict[str, float] = field(default_factory=dict)  # seconds of each
    freed_bytes: int = 0  # by pruning what is outdated


def publish(order: Order, engine: Engine, settings: Settings, listener: PhaseListener) -> Outcome:
    """Build an environment repo, try it, and make it what new starts use where the order says so.

    Whatever fails leaves the published release alone: its tag moves last.

    Parameters
    ----------
    order : Order
        What is to be built.
    engine : Engine
        Where it is built.
    settings : Settings
        Project, notebook image, limits, addresses.
    listener : PhaseListener
        Told each phase as it begins, and what a person should know.

    Raises
    ------
    LecternError
        Says which phase failed, where and why.
    """
    stopwatch = Stopwatch(listener)
    stopwatch.begin("read", "reading the declaration")
    declaration = read_declaration(order.repo)
    for notice in declaration.notices:
        stopwatch.notice(notice)
    stopwatch.begin("resolve", "resolving packages")
    lock = lock_for(order, declaration, engine, settings, stopwatch)
    stopwatch.pause()
    with turn(settings.builds, order.environment, stopwatch), within(settings.build_timeout_s):
        engine.clear_leftovers()
        published = names.published_tag(settings.project, order.environment)
        before = _manifest(engine, published)
        release, is_new = make_release(order, declaration, lock, engine, settings, stopwatch=stopwatch)
        image = f"{names.environment_image(settings.project, order.environment)}:{release.commit}"
        after = _manifest(engine, image)
        if order.is_to_publish:
            stopwatch.begin("publish", "publishing")
            publish_release(engine, settings.project, order.environment, release.commit, order.author)
    return Outcome(
        release,
        is_new,
        order.is_to_publish,
        differences(before, after) if before and after else (),
        stopwatch.seconds(),
    )


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
            hint="`lectern env list` shows those that are here",
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


def _manifest(engine: Engine, image: str) -> dict[str, Any] | None:
    """Give what an image holds; None for none, or one of before there were such manifests."""
    if engine.find_labels(image) is None:
        return None
    try:
        return read_manifest(engine.read_file(image, names.ENV_MANIFEST), where=image)
    except (EngineError, NotAManifestError):
        return None
