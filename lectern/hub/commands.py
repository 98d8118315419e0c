"""The hub's part of the `lectern` command: asks its REST interface, for only the hub has the database."""

from __future__ import annotations

import click

from lectern.hub.client import ask
from lectern.settings import read_settings


@click.command()
def welcome() -> None:
    """Tell the address, how the admin gets in, and the first course's sign-up link."""
    settings = read_settings()
    state = ask("lectern/welcome", settings)
    listed = ask("lectern/courses", settings)["courses"]
    first = next((course for course in listed if course["name"] == settings.environment), None)
    first = first or next(iter(listed), None)
    password = settings.secret("admin_password") if state["initial_password"] else "as you set it"
    click.echo(
        f"\n  Lectern is ready:  {settings.address}\n\n"
        f"  Admin              {state['admin']}\n"
        f"  Password           {password}"
    )
    if first is None:
        click.echo("  Course             none yet: scripts/lectern course create NAME\n")
        return
    click.echo(f"  Sign-up link       {first['join_url']}\n  Course code        {first['code']}\n")
    if not any(settings.environment in course["environments"] for course in listed):
        click.echo(
            f"  No course works in {settings.environment} (LECTERN_ENVIRONMENT). To change that:\n"
            f"  scripts/lectern course edit {first['name']} --environment {settings.environment}\n"
        )
