"""The builder's part of the `lectern` command."""

from __future__ import annotations

import json
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
from lectern.settings import read_settings

if TYPE_CHECKING:
    from datetime import datetime

    from lectern.builder.lock import Lock

_PATH = click.argument("path", type=click.Path(path_type=Path))
_NEWEST = click.option(
    "--newest",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Leave out what PyPI released after this day (2021-12-31): for versions of another age.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print data for programs.")


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
    from lectern.builder.building import base_of
    from lectern.builder.engine import Engine

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
        raise EngineError(
            "there is no such release", where=reference, hint="`scripts/lectern env list` shows all"
        )
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
    "--keep", default=2, show_default=True, help="Releases kept of each branch, beside the published."
)
def prune(*, keep: int) -> None:
    """Remove old releases and what their images alone held; say how much space that freed."""
    from lectern.builder.engine import Engine
    from lectern.builder.progress import Talk
    from lectern.builder.pruning import prune_releases
    from lectern.builder.turn import turn

    settings = read_settings()
    with turn(settings.builds, "pruning", Talk()):
        removed, freed_bytes = prune_releases(
            Engine(settings.project), settings.project, disk=settings.builds, keep=keep
        )
    for name in removed:
        click.echo(name)
    click.echo(f"{len(removed)} releases removed, {freed_bytes / 1e6:.0f} MB freed", err=True)
