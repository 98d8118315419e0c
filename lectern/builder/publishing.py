"""The story of a release in one function: read → resolve → plan → build → smoke-test → publish."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.buildpack import pack_for
from lectern.builder.declaration import read_declaration
from lectern.builder.delta import next_chain
from lectern.builder.manifest import Change, NotAManifestError, differences, identity, packages, read_manifest
from lectern.builder.plan import Addresses, Plan, make_plan
from lectern.builder.records import Records
from lectern.builder.resolve import julia
from lectern.builder.resolving import Base, languages_of, resolve
from lectern.builder.smoke_test import plan_trial, read_kernels, script
from lectern.builder.step_files import read_step
from lectern.errors import EngineError
from lectern.release import NotAReleaseError, Release, read_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from lectern.builder.declaration import Declaration
    from lectern.builder.engine import Engine
    from lectern.builder.lock import Lock
    from lectern.builder.resolve.julia import JuliaLock
    from lectern.settings import Settings

_UNPROVEN = "building-"
_DPKG_STATUS = "/var/lib/dpkg/status"
_SPOKEN = {"python": "Python", "R": "R", "julia": "Julia"}


@dataclass(frozen=True)
class Outcome:
    """A release, whether it had to be built, and what it changed."""

    release: Release
    is_new: bool
    changes: tuple[Change, ...] = ()  # against the release that was published before


def publish(
    repo: Path, engine: Engine, settings: Settings, tell: Callable[[str], None], *, is_to_publish: bool = True
) -> Outcome:
    """Build an environment repo, try it, and make it what new starts use.

    An unchanged repo with an unchanged plan on an unchanged notebook image is not built again. Whatever
    fails leaves the published release alone: the tag moves last.

    Parameters
    ----------
    repo : Path
        The environment repo; its folder's name is the environment's.
    engine : Engine
        Where it is built.
    settings : Settings
        Project, notebook image, memory limit, addresses.
    tell : Callable[[str], None]
        Told the name of each phase as it begins, and what a person should know.
    is_to_publish : bool
        Whether the proven release becomes the one that new starts use.

    Raises
    ------
    LecternError
        Says which phase failed, where and why.
    """
    environment = repo.resolve().name
    repository = names.environment_image(settings.project, environment)
    records = Records(settings.builds / environment)
    tell("reading the declaration")
    declaration = read_declaration(repo)
    image = f"{repository}:{declaration.commit}"
    for notice in declaration.notices:
        tell(notice)

    tell("resolving packages")
    lock = resolve(declaration, repo, settings, base=base_of(engine, settings), kept=records.find_lock())
    for notice in lock.notices:
        tell(notice)
    records.write_lock(lock)
    chain, plan = _plan(declaration, lock, records, settings)
    recipe = plan.recipe(read_step)
    release = _existing(engine, image, base=settings.notebook_image, recipe=recipe)
    if release:
        if is_to_publish:
            engine.publish(image, repository)
        return Outcome(release, is_new=False)

    tell("building the image")
    unproven = f"{repository}:{_UNPROVEN}{declaration.commit}"
    # repo2docker builds nothing when the tag exists: an image left behind would pass for this one.
    engine.remove_tags(repository, _UNPROVEN)
    engine.remove_trials()
    try:
        engine.build(repo, pack_for(plan), tag=unproven, log=records.log(declaration.commit), tell=tell)

        tell("trying it as a participant would")
        trial = plan_trial(declaration, lock, languages_of(declaration))
        said = engine.smoke_test(
            unproven,
            script(),
            trial.to_json(),
            memory_bytes=settings.memory,
            has_network=declaration.needs_network,
        )
        kernels = read_kernels(said, where=environment)

        text = engine.read_file(unproven, names.ENV_MANIFEST)
        manifest = read_manifest(text, where=environment)
        for moved in _moved_on(lock, manifest):
            tell(moved)
        if lock.julia:
            lock = _with_julia_manifests(lock, lock.julia, engine, unproven)
            recipe = _plan(declaration, lock, records, settings)[1].recipe(read_step)
        before = _published_manifest(engine, repository)
        release = Release(
            environment=environment,
            commit=declaration.commit,
            identity=identity(manifest),
            base=settings.notebook_image,
            recipe=recipe,
            kernels=tuple(sorted(kernels)),
            languages=tuple(sorted({_SPOKEN.get(language, language) for language in kernels.values()})),
            built_at=datetime.now(UTC),
            smoke_test="passed",
        )
        engine.label(unproven, {names.PROJECT: settings.project, **release.to_labels()}, tag=image)
        records.write_lock(lock)
        records.write_chain(_ground(lock, settings), chain)
        records.write_manifest(declaration.commit, text.decode())
        if is_to_publish:
            engine.publish(image, repository)
    finally:
        engine.remove_tag(unproven)
    return Outcome(release, is_new=True, changes=differences(before, manifest) if before else ())


def base_of(engine: Engine, settings: Settings) -> Base:
    """Give the notebook image, which environments are FROM."""
    image = settings.notebook_image
    return Base(image, lambda: engine.read_file(image, _DPKG_STATUS))


def _plan(
    declaration: Declaration, lock: Lock, records: Records, settings: Settings
) -> tuple[tuple[str, ...], Plan]:
    chain: tuple[str, ...] = ()
    if lock.python:
        chain = next_chain(records.find_chain(_ground(lock, settings)), lock.python.requirements)
    plan = make_plan(
        declaration,
        lock,
        languages_of(declaration),
        base=settings.notebook_image,
        chain=chain,
        addresses=Addresses(**{field.name: getattr(settings, field.name) for field in fields(Addresses)}),
        architecture=platform.machine(),
    )
    return chain, plan


def _ground(lock: Lock, settings: Settings) -> str:
    """Give the hash of all that lies below Python's layers."""
    below = [settings.notebook_image, lock.debian, lock.r.step_file(), str(lock.julia)]
    below.append(lock.python.python if lock.python else "")
    return hashlib.sha256(json.dumps(below).encode()).hexdigest()


def _moved_on(lock: Lock, manifest: dict[str, Any]) -> list[str]:
    """Say which Debian packages came in another version than the lock's: never silently."""
    installed = {name.partition(":")[0]: version for name, version in packages(manifest, "debian").items()}
    told = []
    for entry in lock.debian:
        name, _, version = entry.partition("=")
        if (now := installed.get(name.partition(":")[0])) != version:
            told.append(f"Debian's archive has moved on: {name} {version} → {now}")
    return told


def _with_julia_manifests(lock: Lock, asked: JuliaLock, engine: Engine, image: str) -> Lock:
    """Keep what Julia resolved while the image was built: the next build gets the same packages."""
    manifest = engine.read_file(image, julia.MANIFEST).decode()
    kernel = "" if "julia" in lock.languages else engine.read_file(image, julia.KERNEL_MANIFEST).decode()
    return replace(lock, julia=replace(asked, manifest=manifest, kernel_manifest=kernel))


def _published_manifest(engine: Engine, repository: str) -> dict[str, Any] | None:
    """Give what the published release holds; None for none, or one of before there were such manifests."""
    published = f"{repository}:{names.PUBLISHED}"
    if engine.find_labels(published) is None:
        return None
    try:
        return read_manifest(engine.read_file(published, names.ENV_MANIFEST), where=published)
    except (EngineError, NotAManifestError):
        return None


def _existing(engine: Engine, image: str, *, base: str, recipe: str) -> Release | None:
    labels = engine.find_labels(image)
    if labels is None:
        return None
    try:
        release = read_release(labels, image=image)
    except NotAReleaseError:
        return None
    is_same = release.base == base and release.recipe == recipe
    return release if is_same and release.smoke_test == "passed" else None
