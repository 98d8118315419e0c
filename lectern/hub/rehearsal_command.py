"""`lectern rehearse`: a rehearsal from a terminal."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from lectern.hub import rehearsal
from lectern.settings import read_settings


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
