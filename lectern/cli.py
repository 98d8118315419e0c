"""`lectern …` inside the containers: one command, whose parts come from the area that is installed.

stdout is data, stderr is talk; exit status 0 done, 1 could not, 2 wrong usage.
"""

from __future__ import annotations

import importlib
import importlib.util
import signal
import sys
from typing import Any

import click

from lectern.errors import LecternError
from lectern.login_settings import words
from lectern.settings import Settings, read_settings

#: Command → the module that has it. Loaded when called: the hub's image lacks the builder's libraries.
_COMMANDS = {
    **dict.fromkeys(("course", "memory"), "lectern.hub.course_commands"),
    "people": "lectern.hub.people.commands",
    "rehearse": "lectern.hub.rehearsal_command",
    "welcome": "lectern.hub.commands",
    "build": "lectern.builder.build_command",
    "env": "lectern.builder.env_commands",
    "serve": "lectern.builder.service.app",
    **dict.fromkeys(
        ("check", "diff", "languages", "lock", "manifest", "prune"),
        "lectern.builder.commands",
    ),
}

#: Where the hub's image has the operator's own classes.
_SITE = "/srv/hub/conf.d"


class _Areas(click.Group):
    """A group that finds a command in the area that owns it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*_COMMANDS, *super().list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        try:
            area = importlib.import_module(_COMMANDS[cmd_name])
        except ModuleNotFoundError as problem:
            # In a list, a command of the other image is still told, with what it would need.
            return click.Command(
                cmd_name, help=f"(in the other container: {problem.name} is not installed here)"
            )
        command: click.Command = getattr(area, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        try:
            return super().invoke(ctx)
        except LecternError as problem:
            click.echo(f"error: {problem}", err=True)
            sys.exit(1)


@click.group(cls=_Areas)
def main() -> None:
    """Steer a Lectern installation."""
    # `docker stop` ends a command as Ctrl-C does: what it had begun is cleared away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@main.command()
def settings() -> None:
    """Check the settings and print each with its value."""
    values = read_settings()
    _check_ways(values)
    for name in Settings.model_fields:
        click.echo(f"LECTERN_{name.upper()}={getattr(values, name)}")


def _check_ways(values: Settings) -> None:
    # The builder's container has neither the ways' libraries nor their secrets.
    if words(values.login) == ("native",) or importlib.util.find_spec("jupyterhub") is None:
        return
    sys.path.append(_SITE)
    importlib.import_module("lectern.hub.logins.ways").plan_ways(values)


if __name__ == "__main__":
    main()
