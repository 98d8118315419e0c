"""`lectern build`: one build, for a person at a terminal or for the program that started it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lectern import names
from lectern.builder.building import Order
from lectern.builder.engine import Engine
from lectern.builder.progress import Events, Talk
from lectern.builder.publishing import publish
from lectern.errors import LecternError
from lectern.settings import MIB, read_settings

if TYPE_CHECKING:
    from lectern.builder.publishing import Outcome


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value and not names.is_environment_name(value):
        raise click.BadParameter("a name has lower-case letters, digits and hyphens")
    return value


def _commit(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value and not re.fullmatch(r"[0-9a-f]{7,64}", value):
        raise click.BadParameter("a commit is a hash")
    return value


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--publish", "is_to_publish", is_flag=True, help="Make it what new starts use.")
@click.option("--upgrade", "is_upgrade", is_flag=True, help="Choose packages anew, although nothing changed.")
@click.option(
    "--name",
    default="",
    callback=_name,
    help="The environment's name, where it is not the folder's.",
)
@click.option(
    "--commit",
    default="",
    callback=_commit,
    help="The git commit that the folder holds, in place of its content's hash.",
)
@click.option("--ref", default="", help="The branch or tag that was built.")
@click.option("--author", default="", help="Who asked for it.")
@click.option("--events", "is_events", is_flag=True, help="Tell a program: a JSON object a line on stdout.")
def build(path: Path, name: str, *, is_events: bool, **wanted: Any) -> None:  # noqa: ANN401 - Order's fields
    """Build and try an environment repo; publish it when it works and is to be published."""
    folder = path.resolve().name
    if not name and not names.is_environment_name(folder):
        raise click.UsageError(
            f"an environment cannot be called “{folder}” like its folder: give it a --name"
        )
    order = Order(path, name or folder, **wanted)
    (_build_for_a_program if is_events else _build_for_a_person)(order)


def _build(order: Order, listener: Events | Talk) -> Outcome:
    settings = read_settings()
    return publish(order, Engine(settings.project), settings, listener)


def _build_for_a_person(order: Order) -> None:
    click.echo(f"==> Environment {order.environment}", err=True)
    talk = Talk()
    outcome = _build(order, talk)
    took = talk.end()
    for change in outcome.changes:
        click.echo(f"    {change}", err=True)
    if outcome.freed_bytes >= MIB:
        click.echo(f"    old releases removed: {outcome.freed_bytes / MIB:.0f} MB freed", err=True)
    done = f"built in {took:.0f} s" if outcome.is_new else "unchanged"
    identity = outcome.release.identity[:12]
    click.echo(f"==> Environment {order.environment}: {done}, identity {identity}", err=True)


def _build_for_a_program(order: Order) -> None:
    events = Events()
    try:
        outcome = _build(order, events)
    except LecternError as problem:
        events.tell("error", problem.what, {"where": problem.where, "hint": problem.hint})
        sys.exit(1)
    except KeyboardInterrupt:
        events.tell("error", "was stopped", {"where": "the build", "hint": "nothing was published"})
        sys.exit(1)
    release = outcome.release
    events.tell(
        "outcome",
        "built" if outcome.is_new else "unchanged",
        {
            "commit": release.commit,
            "identity": release.identity,
            "is_new": outcome.is_new,
            "published": outcome.is_published,
            "changes": [
                {"kind": one.source, "name": one.name, "before": one.before, "after": one.after}
                for one in outcome.changes
            ],
            "phases": outcome.phases,
            "freed_bytes": outcome.freed_bytes,
        },
    )
