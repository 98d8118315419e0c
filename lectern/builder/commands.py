"""The builder's part of the `lectern` command."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import click

from lectern import names
from lectern.builder.declaration import read_declaration
from lectern.builder.engine import Engine
from lectern.builder.publishing import publish
from lectern.builder.resolve.fast import translate
from lectern.release import NotAReleaseError, read_release
from lectern.settings import read_settings

_HEARTBEAT_S = 10


class _Progress:
    """Tells each phase on stderr, and every few seconds that it still goes on."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._phase = ""
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def __call__(self, phase: str) -> None:
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


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
def check(path: Path, *, as_json: bool) -> None:
    """Read an environment repo and say what it asks for; builds nothing."""
    declaration = read_declaration(path)
    wanted = translate(declaration)
    if as_json:
        found = {"commit": declaration.commit, "python": wanted.python, "debian": wanted.debian}
        click.echo(json.dumps({**found, "notices": declaration.notices}, indent=2))
        return
    for notice in declaration.notices:
        click.echo(notice, err=True)
    click.echo(f"Python (PyPI): {', '.join(wanted.python)}\nDebian: {', '.join(wanted.debian) or 'nothing'}")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--publish", "is_to_publish", is_flag=True, help="Make it what new starts use.")
def build(path: Path, *, is_to_publish: bool) -> None:
    """Build and try an environment repo, and publish it."""
    if not is_to_publish:
        raise click.UsageError("only `build PATH --publish` is there so far; `check PATH` builds nothing")
    click.echo(f"==> Environment {path.name}", err=True)
    progress = _Progress()
    settings = read_settings()
    outcome = publish(path, Engine(settings.project), settings, progress)
    took = progress.end()
    release = outcome.release
    done = f"built in {took:.0f} s" if outcome.is_new else "unchanged"
    click.echo(f"==> Environment {release.environment}: {done}, identity {release.identity[:12]}", err=True)


@click.group()
def env() -> None:
    """Environments and what is published of them."""


@env.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def list_environments(*, as_json: bool) -> None:
    """List the releases that are here."""
    listed = []
    project = read_settings().project
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
