"""The making of one release: resolve → plan → build → smoke-test → label."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder import own_recipe
from lectern.builder.buildpack import pack_for, stock_pack_for
from lectern.builder.credentials import credentials_of
from lectern.builder.delta import next_chain
from lectern.builder.limits import limits_of
from lectern.builder.manifest import identity, packages, read_manifest
from lectern.builder.plan import Addresses, Plan, make_plan
from lectern.builder.records import Records
from lectern.builder.releases import releases
from lectern.builder.resolve import julia
from lectern.builder.resolving import Base, languages_of, resolve
from lectern.builder.smoke_test import command, plan_trial, read_kernels
from lectern.builder.step_files import read_step
from lectern.errors import BuildError
from lectern.release import NotAReleaseError, Release, read_release
from lectern.settings import GIB, home

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from lectern.builder.declaration import Declaration
    from lectern.builder.engine import Engine
    from lectern.builder.lock import Lock
    from lectern.builder.progress import Listener, Stopwatch
    from lectern.builder.resolve.julia import JuliaLock
    from lectern.settings import Settings

_DPKG_STATUS = "/var/lib/dpkg/status"
_SPOKEN = {"python": "Python", "R": "R", "julia": "Julia"}


@dataclass(frozen=True)
class Order:
    """What is to be built, and for whom."""

    repo: Path
    environment: str
    commit: str = ""  # of a git repo; empty: the hash of the folder's content
    ref: str = ""  # the branch or tag that it came by
    author: str = ""
    is_to_publish: bool = False
    is_upgrade: bool = False  # whether packages are chosen anew, although the declaration is the same


def base_of(engine: Engine, settings: Settings) -> Base:
    """Give the notebook image, which environments are FROM."""
    image = settings.notebook_image
    return Base(image, lambda: engine.read_file(image, _DPKG_STATUS))


def lock_for(
    order: Order, declaration: Declaration, engine: Engine, settings: Settings, listener: Listener
) -> Lock:
    """Choose exact versions for an order; the lock of the last build is kept where it still answers.

    Raises
    ------
    ResolveError
        Packages are not to be had as declared.
    """
    kept = None if order.is_upgrade else Records(settings.builds / order.environment).find_lock()
    with home(credentials_of(settings.builds, order.environment).folder):
        lock = resolve(declaration, order.repo, settings, base=base_of(engine, settings), kept=kept)
    for notice in lock.notices:
        listener.notice(notice)
    return lock


def make_release(
    order: Order,
    declaration: Declaration,
    lock: Lock,
    engine: Engine,
    settings: Settings,
    *,
    stopwatch: Stopwatch,
) -> tuple[Release, bool]:
    """Give the proven release of an order, and whether it had to be built.

    An unchanged repo with an unchanged plan on an unchanged notebook image is not built again.
    One build at a time runs in an installation: the caller has the turn (`turn.turn`).

    Raises
    ------
    LecternError
        Says which phase failed, where and why; nothing of the build is left.
    """
    commit = order.commit or declaration.commit
    repository = names.environment_image(settings.project, order.environment)
    image = f"{repository}:{commit}"
    records = Records(settings.builds / order.environment)
    records.write_lock(lock)
    way = (_OwnRecipe if declaration.foreign else _Planned)(order, declaration, lock, engine, settings)
    kept = _release_in(engine, image)
    if kept and (kept.base, kept.recipe, kept.smoke_test) == (settings.notebook_image, way.recipe, "passed"):
        return kept, False

    _require_disk(engine, settings)
    stopwatch.begin("build", "building the image")
    unproven = f"{repository}:{names.UNPROVEN}{commit}"
    try:
        way.build(unproven, records.log(commit), stopwatch)
        kernels, text = way.prove(unproven, stopwatch)
        release = Release(
            environment=order.environment,
            commit=commit,
            identity=identity(read_manifest(text, where=order.environment)),
            base=settings.notebook_image,
            recipe=way.recipe,
            kernels=tuple(sorted(kernels)),
            languages=tuple(sorted({_SPOKEN.get(language, language) for language in kernels.values()})),
            built_at=datetime.now(UTC),
            smoke_test="passed",
            ref=order.ref,
            author=order.author,
        )
        if kept and kept.identity != release.identity:
            # Newer packages of the same commit: one must be able to go back to what was.
            engine.tag(image, f"{image}-{kept.identity[:12]}")
        engine.label(unproven, {names.PROJECT: settings.project, **release.to_labels()}, tag=image)
        way.keep(records)
        records.write_manifest(commit, text)
    finally:
        engine.remove_tag(unproven)
    return release, True


class _Planned:
    """By our own steps, from the notebook image."""

    def __init__(
        self, order: Order, declaration: Declaration, lock: Lock, engine: Engine, settings: Settings
    ) -> None:
        self._order, self._declaration, self._lock = order, declaration, lock
        self._engine, self._settings = engine, settings
        self._limits = limits_of(settings)
        self._records = Records(settings.builds / order.environment)
        self._chain, self._plan = _plan(declaration, lock, self._records, settings)
        self.recipe = self._plan.recipe(read_step)

    def build(self, tag: str, log: Path, stopwatch: Stopwatch) -> None:
        """Make the image."""
        self._engine.build(
            self._order.repo,
            pack_for(self._plan),
            tag=tag,
            log=log,
            limits=self._limits,
            listener=stopwatch,
            netrc=credentials_of(self._settings.builds, self._order.environment).netrc,
        )

    def prove(self, tag: str, stopwatch: Stopwatch) -> tuple[dict[str, str], str]:
        """Read what is in the image and try it; give its kernels with their languages, and its manifest."""
        stopwatch.begin("record", "recording what is in it")
        text = self._engine.read_file(tag, names.ENV_MANIFEST).decode()
        manifest = read_manifest(text, where=self._order.environment)
        for moved in _moved_on(self._lock, manifest):
            stopwatch.notice(moved)
        if self._lock.julia:
            self._lock = _with_julia_manifests(self._lock, self._lock.julia, self._engine, tag)
            plan = _plan(self._declaration, self._lock, self._records, self._settings)[1]
            self.recipe = plan.recipe(read_step)

        stopwatch.begin("try", "trying it as a participant would")
        trial = plan_trial(self._declaration, self._lock, languages_of(self._declaration))
        if self._is_proven(identity(manifest)):
            trial = trial.of_content()
        said = self._engine.smoke_test(
            tag,
            command(trial, self._limits),
            memory_bytes=self._settings.memory,
            has_network=self._declaration.needs_network,
        )
        return read_kernels(said, where=self._order.environment), text

    def _is_proven(self, held: str) -> bool:
        """Say whether a release that was made in the same way holds the very same: only content differs.

        A hook that runs before the server can break what worked, with no package changed.
        """
        if "start" in self._declaration.texts:
            return False
        own = (self._settings.notebook_image, self.recipe, held, "passed")
        return any(
            (one.release.base, one.release.recipe, one.release.identity, one.release.smoke_test) == own
            for one in releases(self._engine, self._settings.project)
        )

    def keep(self, records: Records) -> None:
        """Keep what the next build goes on from."""
        records.write_lock(self._lock)
        records.write_chain(_ground(self._lock, self._settings), self._chain)


class _OwnRecipe:
    """By repo2docker's stock packs, as the repo's Dockerfile or default.nix says."""

    def __init__(
        self, order: Order, declaration: Declaration, _lock: Lock, engine: Engine, settings: Settings
    ) -> None:
        self._order, self._engine, self._settings = order, engine, settings
        self._path = declaration.foreign[0]
        self._limits = limits_of(settings)
        self._has_network = declaration.needs_network
        self.recipe = own_recipe.recipe_hash(order.repo, self._path)

    def build(self, tag: str, log: Path, stopwatch: Stopwatch) -> None:
        """Make the image."""
        self._engine.build_stock(
            self._order.repo,
            stock_pack_for(self._path),
            tag=tag,
            log=log,
            limits=self._limits,
            listener=stopwatch,
            is_anew=self._order.is_upgrade,
        )

    def prove(self, tag: str, stopwatch: Stopwatch) -> tuple[dict[str, str], str]:
        """Make the image a workspace and try it; give its kernels with their languages, and its manifest."""
        stopwatch.begin("record", "recording what is in it")
        told = self._run(tag, own_recipe.record_command(self._limits))
        found = own_recipe.read_found(told, self._order.repo, self._path)
        text = json.dumps(found.manifest, indent=1, sort_keys=True) + "\n"
        lines = own_recipe.workspace_lines(user=self._engine.user_of(tag), has_server=found.has_server)
        self._engine.extend(tag, lines, own_recipe.workspace_files(text), tag=tag)

        stopwatch.begin("try", "trying it as a participant would")
        said = self._run(tag, own_recipe.trial_command(self._limits))
        return read_kernels(said, where=self._order.environment), text

    def _run(self, tag: str, words: list[str]) -> str:
        return self._engine.smoke_test(
            tag, words, memory_bytes=self._settings.memory, has_network=self._has_network
        )

    def keep(self, _records: Records) -> None:
        """Keep nothing: the engine's cache is what the next build goes on from."""


def _require_disk(engine: Engine, settings: Settings) -> None:
    """Refuse a build that would fill the disk which participants' homes may be on."""
    free = shutil.disk_usage(settings.builds).free
    if free < settings.free_disk:
        raise BuildError(
            f"the disk has {free / GIB:.1f} GB free, a build needs {settings.free_disk / GIB:.1f}",
            where="Docker",
            hint=f"`docker builder prune` frees up to {engine.unused_cache_bytes() / GIB:.1f} GB, "
            "`scripts/lectern prune` removes old releases; LECTERN_FREE_DISK sets the limit",
        )


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


def _release_in(engine: Engine, image: str) -> Release | None:
    labels = engine.find_labels(image)
    try:
        return read_release(labels, image=image) if labels is not None else None
    except NotAReleaseError:
        return None
