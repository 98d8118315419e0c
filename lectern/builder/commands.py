"""The builder's part of the `lectern` command."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lectern import names
from lectern.builder.declaration import read_declaration
from lectern.builder.languages.catalogue import read_catalogue
from lectern.builder.manifest import cyclonedx, differences, read_manifest
from lectern.builder.records import Records
from lectern.builder.resolve.loosen import loosened
from lectern.builder.resolve.refusals import RefusedError
from lectern.builder.resolving import resolve, resolver_of
from lectern.errors import EngineError
from lectern.release import NotAReleaseError, read_release
from lectern.settings import read_settings

if TYPE_CHECKING:
    from datetime import datetime

    from lectern.builder.lock import Lock

_HEARTBEAT_S = 10

_PATH = click.argument("path", type=click.Path(path_type=Path))
_NEWEST = click.option(
    "--newest",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Leave out what PyPI released after this day (2021-12-31): for versions of another age.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print data for programs.")


class _Progress:
    """Tells each phase on stderr, and every few seconds that it still goes on."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._phase = ""
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def __call__(self, phase: str) -> None:
        if not phase.startswith(" "):  # a step that ended is no phase
            self._phase = phase
        self._say(phase)

    def end(self) -> float:
        """Stop telling; return the seconds it took."""
        self._ended.set()
        return time.monotonic() - self._begun

    def _say(self, text: str) -> None:
        click.echo(f"    {text} ({time.monotonic() - self._begun:.0f} s)", err=True)

    def _beat(self) -> None:
        while not self._ended.wait(_HEARTBEAT_S):
            self._say(f"{self._phase} …")


def _day(asked: datetime | None) -> str:
    return asked.date().isoformat() if asked else ""


def _as_data(lock: Lock) -> dict[str, Any]:
    """Give what a lock holds, short."""
    python = lock.python.requirements.splitlines() if lock.python else lock.pip.splitlines()
    return {
        "python_version": lock.python.python if lock.python else (lock.conda.python if lock.conda else ""),
        "python": [line.split()[0] for line in python if "==" in line and not line.startswith((" ", "#"))],
        "conda": list(lock.conda.packages) if lock.conda else [],
        "debian": list(dict.fromkeys((*lock.debian, *lock.r.debian, *lock.r.system))),
        "r": [f"{package.name}={package.version}" for package in lock.r.cran],
        "julia": lock.julia.version if lock.julia else "",
        "languages": list(lock.languages),
    }


@click.command()
@_PATH
@_JSON
@_NEWEST
@click.option(
    "--loosen", "is_to_loosen", is_flag=True, help="Print the file without the versions that are in the way."
)
def check(path: Path, *, as_json: bool, newest: datetime | None, is_to_loosen: bool) -> None:
    """Read an environment repo and resolve its packages; builds nothing."""
    settings = read_settings()
    declaration = read_declaration(path)
    try:
        lock = resolve(
            declaration, path, settings, base=None, is_committed_read=not newest, newest=_day(newest)
        )
    except RefusedError as problem:
        if is_to_loosen:
            click.echo(loosened(path, problem.reasons), nl=False)
        raise
    notices = [*declaration.notices, *lock.notices]
    found = {
        "name": path.resolve().name,
        "commit": declaration.commit,
        "resolver": resolver_of(declaration, settings),
        **_as_data(lock),
        "notices": notices,
    }
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for notice in notices:
        click.echo(f"notice: {notice}", err=True)
    for what in ("python_version", "python", "conda", "debian", "r", "julia", "languages"):
        if value := found[what]:
            click.echo(f"{what.replace('_', ' ')}: {', '.join(value) if isinstance(value, list) else value}")


@click.command()
@_PATH
@click.option("--upgrade", is_flag=True, help="Choose anew, although the declaration is the same.")
@_NEWEST
def lock(path: Path, *, upgrade: bool, newest: datetime | None) -> None:
    """Choose exact versions for the next build, and print the lock."""
    # Here alone, as only this and `build` need the engine: `check` works without Docker.
    from lectern.builder.engine import Engine
    from lectern.builder.publishing import base_of

    settings = read_settings()
    records = Records(settings.builds / path.resolve().name)
    chosen = resolve(
        read_declaration(path),
        path,
        settings,
        base=base_of(Engine(settings.project), settings),
        kept=None if upgrade or newest else records.find_lock(),
        is_committed_read=not (upgrade or newest),
        newest=_day(newest),
    )
    records.write_lock(chosen)
    click.echo(chosen.to_json(), nl=False)


@click.command()
@_PATH
@click.option("--publish", "is_to_publish", is_flag=True, help="Make it what new starts use.")
def build(path: Path, *, is_to_publish: bool) -> None:
    """Build and try an environment repo; publish it when it works and is to be published."""
    from lectern.builder.engine import Engine
    from lectern.builder.publishing import publish

    settings = read_settings()
    click.echo(f"==> Environment {path.resolve().name}", err=True)
    progress = _Progress()
    outcome = publish(path, Engine(settings.project), settings, progress, is_to_publish=is_to_publish)
    took = progress.end()
    release = outcome.release
    for change in outcome.changes:
        click.echo(f"    {change}", err=True)
    done = f"built in {took:.0f} s" if outcome.is_new else "unchanged"
    click.echo(f"==> Environment {release.environment}: {done}, identity {release.identity[:12]}", err=True)


@click.command()
@_JSON
def languages(*, as_json: bool) -> None:
    """List the languages that `kernels:` in lectern.yml can name, with what each adds."""
    catalogue = read_catalogue()
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "key": language.key,
                        "name": language.name,
                        "size_mb": language.size_mb,
                        "keeps_state": language.keeps_state,
                        "debian": language.debian,
                        "pypi": language.pypi,
                    }
                    for language in catalogue.values()
                ],
                indent=2,
            )
        )
        return
    click.echo(f"{'kernels:':<14}{'language':<24}{'adds':>8}")
    for language in catalogue.values():
        click.echo(f"{language.key:<14}{language.name:<24}{language.size_mb:>5} MB")


def _manifest_of(reference: str) -> dict[str, Any]:
    """Read the manifest of `NAME` (its published release) or `NAME:COMMIT`."""
    from lectern.builder.engine import Engine

    project = read_settings().project
    environment, _, commit = reference.partition(":")
    image = f"{names.environment_image(project, environment)}:{commit or names.PUBLISHED}"
    engine = Engine(project)
    if engine.find_labels(image) is None:
        raise EngineError("there is no such release", where=reference, hint="`lectern env list` shows all")
    return read_manifest(engine.read_file(image, names.ENV_MANIFEST), where=reference)


@click.command()
@click.argument("reference")
@click.option("--cyclonedx", "as_bill", is_flag=True, help="As a bill of materials (CycloneDX 1.6).")
def manifest(reference: str, *, as_bill: bool) -> None:
    """Print what is in a release: NAME, or NAME:COMMIT."""
    found = _manifest_of(reference)
    click.echo(
        cyclonedx(found, environment=reference) if as_bill else json.dumps(found, indent=1, sort_keys=True)
    )


@click.command()
@click.argument("before")
@click.argument("after")
@_JSON
def diff(before: str, after: str, *, as_json: bool) -> None:
    """Tell packages that differ between two releases: NAME, or NAME:COMMIT."""
    changes = differences(_manifest_of(before), _manifest_of(after))
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], indent=2))
        return
    for change in changes:
        click.echo(str(change))


@click.command()
@click.option(
    "--keep", default=2, show_default=True, help="Releases kept of each environment, beside the published."
)
def prune(*, keep: int) -> None:
    """Remove old releases and what their images alone held; say how much space that freed."""
    from lectern.builder.engine import Engine
    from lectern.builder.pruning import prune_releases

    project = read_settings().project
    removed, freed_bytes = prune_releases(Engine(project), project, keep=keep)
    for name in removed:
        click.echo(name)
    click.echo(f"{len(removed)} releases removed, {freed_bytes / 1e6:.0f} MB freed", err=True)


@click.group()
def env() -> None:
    """Environments and what is published of them."""


@env.command("list")
@_JSON
def list_environments(*, as_json: bool) -> None:
    """List the releases that are here."""
    from lectern.builder.engine import Engine

    project = read_settings().project
    listed = []
    for tags, labels in Engine(project).images_of(project):
        try:
            release = read_release(labels, image=", ".join(tags))
        except NotAReleaseError:
            continue
        listed.append(
            {
                "name": release.environment,
                "commit": release.commit,
                "identity": release.identity,
                "published": any(tag.endswith(f":{names.PUBLISHED}") for tag in tags),
                "languages": list(release.languages),
                "built_at": release.built_at.isoformat(),
            }
        )
    listed.sort(key=lambda entry: (str(entry["name"]), str(entry["built_at"])))
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for entry in listed:
        mark = "published" if entry["published"] else ""
        click.echo(f"{entry['name']}\t{entry['commit']}\t{str(entry['identity'])[:12]}\t{mark}")
