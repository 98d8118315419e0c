"""`lectern env …`: environments and what is published of them. Asks the service, so that its rules hold."""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import click

from lectern import names
from lectern.builder.records import Records
from lectern.builder.secret_commands import secret
from lectern.builder.service_client import ask
from lectern.errors import RepoError
from lectern.settings import read_settings

_NAME = click.argument("name")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print data for programs.")


@click.group()
def env() -> None:
    """Environments and what is published of them."""


env.add_command(secret)


@env.command("list")
@_JSON
def list_environments(*, as_json: bool) -> None:
    """List the releases that are here."""
    from lectern.builder.engine import Engine
    from lectern.builder.releases import releases

    project = read_settings().project
    listed = [
        {
            "name": one.release.environment,
            "commit": one.release.commit,
            "tag": one.tag,
            "identity": one.release.identity,
            "published": one.is_published,
            "published_by": one.publication.by if one.publication else "",
            "published_at": one.publication.at.isoformat() if one.publication else "",
            "languages": list(one.release.languages),
            "built_at": one.release.built_at.isoformat(),
            "ref": one.release.ref,
            "author": one.release.author,
            "size_bytes": one.size_bytes,
        }
        for one in releases(Engine(project), project)
    ]
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for entry in listed:
        mark = "published" if entry["published"] else ""
        click.echo(f"{entry['name']}\t{entry['tag']}\t{str(entry['identity'])[:12]}\t{mark}")


@env.command()
@_NAME
@click.option(
    "--from",
    "source",
    required=True,
    help="An example's name, a git address, a folder, - (tar), or `empty`: the first commit is pushed.",
)
@click.option("--course", default=None, help="The course that works in it from now on.")
@click.option(
    "--every-hours",
    default=0,
    help="How often a git address is looked at; 0: by `scripts/lectern env refresh`.",
)
@_JSON
def create(name: str, source: str, course: str | None, every_hours: int, *, as_json: bool) -> None:
    """Make an environment, build and publish it."""
    asked = {"name": name, "course": course, "every_hours": every_hours}
    with tempfile.TemporaryDirectory(dir=_shared_folder()) as aside:
        if source == "-":
            _unpack(Path(aside))
            asked["folder"] = aside
        elif Path(source).is_dir():
            asked["folder"] = str(Path(source).resolve())
        else:
            asked["source"] = source
        outcome = ask("create", asked)
    if outcome is None and not as_json:
        click.echo(f"made {name}, empty: push its first commit", err=True)
    else:
        _print_build(outcome, as_json=as_json)


@env.command()
@_NAME
@click.option("--ref", default=names.MAIN_BRANCH, show_default=True, help="Branch, tag or commit.")
@click.option("--upgrade", is_flag=True, help="Choose packages anew, although nothing changed.")
@_JSON
def build(name: str, ref: str, *, upgrade: bool, as_json: bool) -> None:
    """Build a branch; the main branch is published when it works."""
    _print_build(ask("build", {"name": name, "ref": ref, "upgrade": upgrade}), as_json=as_json)


@env.command()
@_NAME
@_JSON
def ensure(name: str, *, as_json: bool) -> None:
    """Make an environment from the example of that name if it is missing; publish it if that is due.

    Where that fails and an older release is published, says so and goes on with it.
    """
    _print_build(ask("ensure", {"name": name}), as_json=as_json)


@env.command()
@_NAME
@_JSON
def refresh(name: str, *, as_json: bool) -> None:
    """Look at the git address that an environment follows; build and publish what is new there."""
    _print_build(ask("refresh", {"name": name}), as_json=as_json)


@env.command()
@click.argument("reference")
@_JSON
def publish(reference: str, *, as_json: bool) -> None:
    """Make a release what new starts use: NAME:COMMIT; NAME alone builds and publishes its main branch."""
    name, _, commit = reference.partition(":")
    if commit:
        _print_release(ask("publish", {"name": name, "commit": commit}), as_json=as_json)
    else:
        asked = {"name": name, "ref": names.MAIN_BRANCH, "upgrade": False}
        _print_build(ask("build", asked), as_json=as_json)


@env.command()
@_NAME
@click.argument("commit", default="")
@_JSON
def rollback(name: str, commit: str, *, as_json: bool) -> None:
    """Publish an earlier release: that of COMMIT, or the one before the published."""
    _print_release(ask("rollback", {"name": name, "commit": commit}), as_json=as_json)


@env.command()
@_NAME
@click.argument("commit", default="")
@_JSON
def log(name: str, commit: str, *, as_json: bool) -> None:
    """List an environment's commits; with COMMIT print the log of its last build."""
    if commit:
        path = _log_of(name, commit)
        text = path.read_text(encoding="utf-8", errors="replace")
        click.echo(json.dumps({"log": text}) if as_json else text, nl=as_json)
        return
    commits = ask("log", {"name": name, "ref": names.MAIN_BRANCH})
    if as_json:
        click.echo(json.dumps(commits, indent=2))
        return
    for entry in commits:
        click.echo(f"{entry['hash'][:12]}\t{entry['when']}\t{entry['author']}\t{entry['subject']}")


@env.command()
@_NAME
@_JSON
def delete(name: str, *, as_json: bool) -> None:
    """Remove an environment for ever; refused while a course or a participant works in it."""
    ask("delete", {"name": name})
    if as_json:
        click.echo(json.dumps({"name": name, "removed": True}, indent=2))
    else:
        click.echo(f"removed {name}", err=True)


@env.command()
@_NAME
@_JSON
def cancel(name: str, *, as_json: bool) -> None:
    """End the builds of an environment that run or wait."""
    ended = ask("cancel", {"name": name})
    if as_json:
        click.echo(json.dumps({"name": name, "ended": ended}, indent=2))
    else:
        click.echo(f"{ended} builds ended", err=True)


def _print_build(outcome: dict[str, Any] | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(outcome, indent=2))
    elif outcome is None:
        click.echo("nothing to do", err=True)


def _print_release(release: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(release, indent=2))
        return
    click.echo(
        f"published {release['name']} {release['commit'][:12]}, identity {release['identity'][:12]}", err=True
    )


def _log_of(name: str, commit: str) -> Path:
    is_name = names.is_environment_name(name)
    found = Records(read_settings().builds / name).find_log(commit) if is_name else None
    if found is None:
        raise RepoError(
            "there is no log of such a build",
            where=f"{name}:{commit}",
            hint=f"`scripts/lectern env log {name}` lists commits",
        )
    return found


def _shared_folder() -> Path:
    folder = read_settings().builds
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _unpack(folder: Path) -> None:
    try:
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as problem:
        raise RepoError(
            f"is no folder ({problem})", where="-", hint="`tar -C FOLDER -c .` makes what is read here"
        ) from problem
