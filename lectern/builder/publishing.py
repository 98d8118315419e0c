"""The story of a release in one function: read → resolve → build → publish → prune."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.building import lock_for, make_release
from lectern.builder.declaration import read_declaration, require_declared
from lectern.builder.limits import within
from lectern.builder.manifest import Change, NotAManifestError, differences, read_manifest
from lectern.builder.progress import Stopwatch
from lectern.builder.pruning import prune_releases
from lectern.builder.releases import publish_release
from lectern.builder.scratch import scratch
from lectern.builder.turn import turn
from lectern.errors import EngineError

if TYPE_CHECKING:
    from typing import Any

    from lectern.builder.building import Order
    from lectern.builder.engine import Engine
    from lectern.builder.progress import PhaseListener
    from lectern.release import Release
    from lectern.settings import Settings


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
    if order.ref:  # a commit that was pushed; a folder may do without, as on mybinder.org
        require_declared(declaration, where=order.environment)
    for notice in declaration.notices:
        stopwatch.notice(notice)
    stopwatch.begin("resolve", "resolving packages")
    lock = lock_for(order, declaration, engine, settings, stopwatch)
    stopwatch.pause()
    with (
        turn(settings.builds, order.environment, stopwatch),
        scratch(settings.builds),
        within(settings.build_timeout_s),
    ):
        engine.clear_leftovers()
        before = _manifest(engine, names.published_tag(settings.project, order.environment))
        release, is_new = make_release(order, declaration, lock, engine, settings, stopwatch=stopwatch)
        image = f"{names.environment_image(settings.project, order.environment)}:{release.commit}"
        after = _manifest(engine, image)
        if order.is_to_publish:
            stopwatch.begin("publish", "publishing")
            publish_release(engine, settings.project, order.environment, release.commit, order.author)
        stopwatch.begin("prune", "letting go of old releases")
        _, freed_bytes = prune_releases(
            engine, settings.project, disk=settings.builds, environment=order.environment
        )
    return Outcome(
        release,
        is_new,
        order.is_to_publish,
        differences(before, after) if before and after else (),
        stopwatch.seconds(),
        freed_bytes,
    )


def _manifest(engine: Engine, image: str) -> dict[str, Any] | None:
    """Give what an image holds; None for none, or one of before there were such manifests."""
    if engine.find_labels(image) is None:
        return None
    try:
        return read_manifest(engine.read_file(image, names.ENV_MANIFEST), where=image)
    except (EngineError, NotAManifestError):
        return None
