"""The story of a release in one function: read → resolve → plan → build → smoke-test → publish."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.buildpack import pack_for
from lectern.builder.declaration import read_declaration
from lectern.builder.plan import make_plan
from lectern.builder.resolve.fast import lock_python, translate
from lectern.release import NotAReleaseError, Release, read_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.builder.engine import Engine
    from lectern.settings import Settings

_SMOKE = Path(__file__).parent / "steps" / "smoke.py"
_UNPROVEN = "building-"
_SPOKEN = {"python": "Python", "R": "R"}


@dataclass(frozen=True)
class Outcome:
    """A release and whether it had to be built."""

    release: Release
    is_new: bool


def publish(repo: Path, engine: Engine, settings: Settings, tell: Callable[[str], None]) -> Outcome:
    """Build an environment repo, try it, and make it what new starts use.

    An unchanged repo on an unchanged notebook image is not built again. Whatever fails leaves the
    published release alone: the tag moves last.

    Parameters
    ----------
    repo : Path
        The environment repo; its folder's name is the environment's.
    engine : Engine
        Where it is built.
    settings : Settings
        Project, notebook image, memory limit.
    tell : Callable[[str], None]
        Told the name of each phase as it begins.

    Raises
    ------
    LecternError
        Says which phase failed, where and why.
    """
    environment = repo.resolve().name
    repository = names.environment_image(settings.project, environment)
    tell("reading the declaration")
    declaration = read_declaration(repo)
    image = f"{repository}:{declaration.commit}"
    for notice in declaration.notices:
        tell(notice)

    release = _existing(engine, image, base=settings.notebook_image)
    if release:
        engine.publish(image, repository)
        return Outcome(release, is_new=False)

    tell("resolving packages")
    wanted = translate(declaration)
    folder = settings.builds / environment
    plan = make_plan(declaration, wanted, lock_python(wanted, folder), base=settings.notebook_image)

    tell("building the image")
    unproven = f"{repository}:{_UNPROVEN}{declaration.commit}"
    # repo2docker builds nothing when the tag exists: an image left behind would pass for this one.
    engine.remove_tags(repository, _UNPROVEN)
    engine.remove_trials()
    try:
        engine.build(repo, pack_for(plan), tag=unproven, log=folder / f"{declaration.commit}.log")

        tell("trying it as a participant would")
        checks = [declaration.check] if declaration.check else []
        said = engine.smoke_test(
            unproven, _SMOKE.read_text(encoding="utf-8"), checks=checks, memory_bytes=settings.memory
        )
        kernels: dict[str, str] = json.loads(said.strip().splitlines()[-1])

        manifest = json.loads(engine.read_file(unproven, names.MANIFEST))
        release = Release(
            environment=environment,
            commit=declaration.commit,
            identity=identity(manifest),
            base=settings.notebook_image,
            kernels=tuple(sorted(kernels)),
            languages=tuple(sorted({_SPOKEN.get(language, language) for language in kernels.values()})),
            built_at=datetime.now(UTC),
            smoke_test="passed",
        )
        engine.label(unproven, {names.PROJECT: settings.project, **release.to_labels()}, tag=image)
        engine.publish(image, repository)
    finally:
        engine.remove_tag(unproven)
    return Outcome(release, is_new=True)


def _existing(engine: Engine, image: str, *, base: str) -> Release | None:
    labels = engine.find_labels(image)
    if labels is None:
        return None
    try:
        release = read_release(labels, image=image)
    except NotAReleaseError:
        return None
    return release if release.base == base and release.smoke_test == "passed" else None
