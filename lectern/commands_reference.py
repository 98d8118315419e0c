"""The `lectern` command as people read it: docs/reference/commands.md, from click's own help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lectern.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Commands
`scripts/lectern COMMAND` runs these in the installation's own containers; `make` alone lists its targets.
This page is generated from the commands' own help: `make settings`.

Data go to stdout and talk to stderr.
The exit status is 0 when it is done, 1 when it could not be done, 2 for wrong usage.
`build`, `check` and `lock` take a folder anywhere on the machine; the folder's name is the environment's.
A release is `NAME`, the published one, or `NAME:COMMIT`, as `scripts/lectern env list` shows them.
"""


def commands() -> dict[str, click.Command]:
    """Give every command that does something: its words, such as ``env list`` → the command."""
    return dict(_leaves(main, click.Context(main, info_name="lectern"), ()))


def _leaves(
    group: click.Group, context: click.Context, words: tuple[str, ...]
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, context, (*words, name))
        elif command:
            yield " ".join((*words, name)), command


def markdown() -> str:
    """Write docs/reference/commands.md."""
    return _HEAD + "".join(_section(words, command) for words, command in commands().items())


def _section(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"scripts/lectern {words}")
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    records = [
        record for parameter in command.get_params(context) if (record := parameter.get_help_record(context))
    ]
    options = [(name, meaning) for name, meaning in records if name != "--help"]
    table = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in options)
    return (
        f"\n## {words}\n\n```text\n{usage}\n```\n\n{command.help}\n"
        + ("\n| option | meaning |\n| --- | --- |\n" if table else "")
        + table
    )
