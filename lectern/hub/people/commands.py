"""`lectern people …`: what the page of a course's people does, for scripts."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from lectern.hub.client import ask
from lectern.hub.people.lists import text_of
from lectern.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _address(course: str, *rest: str) -> str:
    words = ("lectern", "courses", course, "people", *rest)
    return "/".join(quote(word, safe="") for word in words)


def _print(rows: list[dict[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: object) -> str:
    text = "yes" if value is True else "no" if value is False else str(value)
    # A spreadsheet would take it for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


@click.group()
def people() -> None:
    """Members of a course, and passwords that were forgotten."""


@people.command("export")
@click.argument("course")
@_JSON
def export(course: str, *, as_json: bool) -> None:
    """Print the members of COURSE as CSV."""
    members = ask(_address(course), read_settings())["people"]
    _print(members, ("account", "name", "email", "role", "is_running"), as_json=as_json)


@people.command("add")
@click.argument("course")
@click.argument("file", type=click.File("rb"))
@_JSON
def add(course: str, file: Any, *, as_json: bool) -> None:  # noqa: ANN401 - click's open file
    """Make accounts in COURSE for a list, and print their slips as CSV.

    FILE is CSV with names, and optionally e-mail and role; `-` reads stdin. All are made or none. The
    links cannot be printed again.
    """
    body = {"list": text_of(file.read())}
    slips = ask(_address(course), read_settings(), method="POST", body=body)["slips"]
    _print(slips, ("name", "account", "role", "link"), as_json=as_json)


@people.command("remove")
@click.argument("course")
@click.argument("accounts", nargs=-1, required=True, metavar="ACCOUNT...")
@_JSON
def remove(course: str, accounts: tuple[str, ...], *, as_json: bool) -> None:
    """Take people out of COURSE; their accounts and files stay."""
    settings = read_settings()
    for account in accounts:
        ask(_address(course, account), settings, method="DELETE")
        if not as_json:
            click.echo(account)
    if as_json:
        click.echo(json.dumps({"removed": list(accounts)}))


@people.command("link")
@click.argument("account")
@_JSON
def link(account: str, *, as_json: bool) -> None:
    """Print a link that lets ACCOUNT choose a new password, once, within an hour.

    For anybody, administrators too; the course's page has the same for its participants.
    """
    made = ask(f"lectern/people/{quote(account, safe='')}/link", read_settings(), method="POST")
    click.echo(json.dumps(made) if as_json else made["link"])
