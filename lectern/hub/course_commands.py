"""`lectern course …` and `lectern memory`: what the course pages do, for scripts."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from lectern.errors import HubError, LecternError
from lectern.hub.client import RefusedError, ask
from lectern.hub.course_fields import FIELDS
from lectern.hub.course_yml import CourseFileError, read_course_file
from lectern.hub.roles import Role
from lectern.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

_COURSES = "lectern/courses"


def _address(name: str, *rest: str) -> str:
    return "/".join((_COURSES, *(quote(word, safe="") for word in (name, *rest))))


def _show(entry: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(entry, indent=2))
    else:
        click.echo(f"{entry['name']}\t{entry['code']}\t{entry['environment']}\t{entry['join_url']}")


def _field_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each field of a course."""
    for field in reversed(FIELDS):
        if field != "environments":
            command = click.option(f"--{field}", help=f"{FIELDS[field]}.")(command)
    return click.option("--environment", "environments", multiple=True, help="Can be given several times.")(
        command
    )


_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep the fields that were given; an empty text takes a value back."""
    environments = list(fields.pop("environments"))
    said = {field: value for field, value in fields.items() if value is not None}
    return said | ({"environments": environments} if environments else {})


@click.group()
def course() -> None:
    """Courses and their sign-up codes."""


@course.command("list")
@_JSON
def list_courses(*, as_json: bool) -> None:
    """List the courses."""
    listed = ask(_COURSES, read_settings())["courses"]
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    for entry in listed:
        _show(entry, as_json=False)


@course.command("create")
@click.argument("name")
@_field_options
@_JSON
def create_course(name: str, *, as_json: bool, **fields: Any) -> None:  # noqa: ANN401 - click's options
    """Make a course, with a code for participants."""
    body = {"name": name, **_said(fields)}
    _show(ask(_COURSES, read_settings(), method="POST", body=body), as_json=as_json)


@course.command("edit")
@click.argument("name")
@_field_options
@_JSON
def edit_course(name: str, *, as_json: bool, **fields: Any) -> None:  # noqa: ANN401
    """Change a course; an empty value takes a limit or a date back."""
    answer = ask(_address(name), read_settings(), method="PATCH", body=_said(fields))
    _show(answer, as_json=as_json)


@course.command("apply")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--name", "file_name", default="", help="What errors call the file, when it comes by `-`.")
@_JSON
def apply_course(file: Any, *, file_name: str, as_json: bool) -> None:  # noqa: ANN401 - click's open file
    """Make a course, or change it, to what a course.yml says; its codes are made when it is new."""
    name = file_name or file.name
    try:
        text = file.read()
    except UnicodeDecodeError as problem:
        raise CourseFileError("is no text in UTF-8", where=name) from problem
    wanted, settings = read_course_file(text, file=name), read_settings()
    try:
        answer = ask(_address(wanted.name), settings, method="PATCH", body=wanted.fields)
    except RefusedError as problem:
        if problem.status != HTTPStatus.NOT_FOUND:
            raise
        body = {"name": wanted.name, **wanted.fields}
        ask(_COURSES, settings, method="POST", body=body)
        for code in wanted.codes:
            ask(_address(wanted.name, "codes"), settings, method="POST", body=code)
        answer = ask(_address(wanted.name), settings)
    _show(answer, as_json=as_json)


@course.command("audit")
@click.argument("name")
@_JSON
def audit(name: str, *, as_json: bool) -> None:
    """List who opened whose server in course NAME, the last first."""
    openings = ask(_address(name, "openings"), read_settings())["openings"]
    if as_json:
        click.echo(json.dumps(openings, indent=2))
        return
    for entry in openings:
        who = f"{entry['opener']} (administrator)" if entry["is_admin"] else entry["opener"]
        click.echo(f"{entry['opened_at']}\t{who}\t{entry['owner']}\t{entry['ended_at'] or 'now'}")


@course.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete_course(name: str, *, yes: bool) -> None:
    """Delete a course with its codes; people, homes and the shared folder stay."""
    settings = read_settings()
    ask(_address(name), settings)  # a mistyped name is told before the question
    if not yes:
        if not sys.stdin.isatty():
            raise HubError("is deleted only with --yes when nobody can be asked", where=name)
        click.confirm(f"Delete the course {name}? People keep their accounts and files.", abort=True)
    ask(_address(name), settings, method="DELETE")


@course.group()
def code() -> None:
    """Sign-up codes of a course."""


@code.command("list")
@click.argument("name")
@_JSON
def list_codes(name: str, *, as_json: bool) -> None:
    """List a course's codes."""
    codes = ask(_address(name), read_settings())["codes"]
    if as_json:
        click.echo(json.dumps(codes, indent=2))
        return
    for entry in codes:
        seats = f"{entry['seats_taken']}/{entry['seats'] or '∞'}"
        state = "open" if entry["is_usable"] else "closed"
        click.echo(f"{entry['code']}\t{entry['role']}\t{seats}\t{state}\t{entry['join_url']}")


@code.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.PARTICIPANT.value,
    help="What it makes people.",
)
@click.option("--seats", type=int, help="How many may come by it.")
@click.option("--expires", help="When it ends, `2026-12-01 09:00` in the course's time zone.")
@_JSON
def add_code(name: str, *, as_json: bool, **asked: Any) -> None:  # noqa: ANN401
    """Make a new code."""
    body = {field: value for field, value in asked.items() if value is not None}
    entry = ask(_address(name, "codes"), read_settings(), method="POST", body=body)
    click.echo(json.dumps(entry, indent=2) if as_json else f"{entry['code']}\t{entry['join_url']}")


@code.command("revoke")
@click.argument("name")
@click.argument("typed")
def revoke_code(name: str, typed: str) -> None:
    """End a code; who came in by it stays."""
    ask(_address(name, "codes", typed), read_settings(), method="DELETE")


@click.command()
@click.argument("size")
@click.option("--user", help="One person's server.")
@click.option("--course", "of_course", help="Everybody's server in a course.")
def memory(size: str, *, user: str | None, of_course: str | None) -> None:
    """Change the memory limit of running servers, while people work."""
    if (user is None) == (of_course is None):
        raise click.UsageError("say either --user or --course")
    body = {"memory": size, **({"user": user} if user else {"course": of_course})}
    answer = ask("lectern/memory", read_settings(), method="POST", body=body)
    for name in answer["changed"]:
        click.echo(name)
    if answer["refused"]:
        raise LecternError("; ".join(answer["refused"]))


@course.command("warm")
@click.argument("name")
@_JSON
def warm(name: str, *, as_json: bool) -> None:
    """Open the room: start the server of everybody in course NAME who has none."""
    state = ask(_address(name, "room"), read_settings(), method="POST")
    if as_json:
        click.echo(json.dumps(state))
        return
    click.echo(f"{state['members']} people, {state['running']} servers run, {state['starting']} are starting")
    if state["refused"]:
        click.echo(f"{state['refused']} participants' servers do not start now: {state['why']}")
