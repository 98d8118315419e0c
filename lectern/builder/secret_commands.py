"""`lectern env secret …`: tokens for private repos and indexes, by environment. They are never printed."""

from __future__ import annotations

import json
import sys

import click

from lectern import names
from lectern.builder.credentials import CredentialError, Credentials, credentials_of
from lectern.settings import read_settings


def _environment(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not names.is_environment_name(value):
        raise click.BadParameter("a name has lower-case letters, digits and hyphens")
    return value


_NAME = click.argument("name", callback=_environment)


@click.group()
def secret() -> None:
    """Tokens by which builds of an environment reach private hosts."""


@secret.command("set")
@_NAME
@click.argument("host")
def put(name: str, host: str) -> None:
    """Keep a token for HOST, read from stdin: TOKEN or USER:TOKEN."""
    _of(name).put(host, sys.stdin.read())
    click.echo(f"kept for {host}", err=True)


@secret.command("list")
@_NAME
@click.option("--json", "as_json", is_flag=True, help="Print data for programs.")
def list_hosts(name: str, *, as_json: bool) -> None:
    """List the hosts that there is a token for."""
    hosts = _of(name).hosts()
    if as_json:
        click.echo(json.dumps(hosts))
        return
    for host in hosts:
        click.echo(host)


@secret.command()
@_NAME
@click.argument("host")
def remove(name: str, host: str) -> None:
    """Forget the token for HOST."""
    if not _of(name).remove(host):
        raise CredentialError(
            "has no token here", where=host, hint=f"`scripts/lectern env secret list {name}` shows all"
        )
    click.echo(f"forgotten for {host}", err=True)


def _of(name: str) -> Credentials:
    return credentials_of(read_settings().builds, name)
