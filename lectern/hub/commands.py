"""The hub's part of the `lectern` command: asks its REST interface, for only the hub has the database."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click
import requests

from lectern.errors import HubError
from lectern.hub import rehearsal
from lectern.settings import Settings, read_settings

_HUB = "http://127.0.0.1:8081/hub/api"
_TIMEOUT_S = 10


def _ask(path: str, settings: Settings, method: str = "GET") -> dict[str, Any]:
    """Ask the hub.

    Raises
    ------
    HubError
        It does not answer, or refuses.
    """
    hint = "`make status` shows whether it runs, `make logs` why not"
    try:
        answer = requests.request(
            method,
            f"{_HUB}/{path}",
            headers={"Authorization": f"token {settings.secret('api_token')}"},
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()
        return dict(answer.json())
    except (requests.RequestException, ValueError) as problem:
        raise HubError(f"does not answer ({problem})", where="hub", hint=hint) from problem


@click.group()
def course() -> None:
    """Courses and their sign-up codes."""


@course.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def list_courses(*, as_json: bool) -> None:
    """List the courses."""
    listed = _ask("lectern/courses", read_settings())["courses"]
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for entry in listed:
        click.echo(f"{entry['name']}\t{entry['code']}\t{entry['environment']}\t{entry['join_url']}")


@course.command("warm")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
def warm_course(name: str, *, as_json: bool) -> None:
    """Open the room: start the server of everybody in course NAME who has none."""
    state = _ask(f"lectern/courses/{name}/room", read_settings(), method="POST")
    if as_json:
        click.echo(json.dumps(state))
        return
    click.echo(f"{state['members']} people, {state['running']} servers run, {state['starting']} are starting")


@click.command()
@click.option("--people", default=60, show_default=True, type=click.IntRange(1, 500), help="How many come.")
@click.option("--force", is_flag=True, help="Also while people's servers are running.")
@click.option("--json", "as_json", is_flag=True, help="Print an object.")
@click.option("--picture", type=click.Path(path_type=Path), help="Write the timeline as SVG there.")
def rehearse(people: int, *, force: bool, as_json: bool, picture: Path | None) -> None:
    """Let synthetic participants sign up, log in, start, open Lab and run the check, all at once."""
    report = asyncio.run(rehearsal.rehearse(people, read_settings(), is_forced=force))
    if picture is not None:
        picture.write_text(report.picture(), encoding="utf-8")
    click.echo(json.dumps(report.as_data(), indent=2) if as_json else report.verdict())
    if not report.is_good:
        sys.exit(1)


@click.command()
def welcome() -> None:
    """Tell the address, how the admin gets in, and the first course's sign-up link."""
    settings = read_settings()
    state = _ask("lectern/welcome", settings)
    first = _ask("lectern/courses", settings)["courses"][0]
    password = settings.secret("admin_password") if state["initial_password"] else "as you set it"
    click.echo(
        f"\n  Lectern is ready:  {settings.address}\n\n"
        f"  Admin              {state['admin']}\n"
        f"  Password           {password}\n"
        f"  Sign-up link       {first['join_url']}\n"
        f"  Course code        {first['code']}\n"
    )
