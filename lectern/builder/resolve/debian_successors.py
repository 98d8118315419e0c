"""Debian packages of earlier releases: what has their place in trixie."""

from __future__ import annotations

import csv
import functools
import re
from dataclasses import dataclass
from importlib.resources import files

_OTHER_PYTHON = re.compile(r"python3\.\d+((?:-(?:dev|venv|tk|minimal|full))?)", re.ASCII)


@dataclass(frozen=True)
class Successor:
    """What has a package's place."""

    package: str
    replaces: bool  # it can be taken for the old one; else only a person can say so


@functools.cache
def table() -> dict[str, Successor]:
    """Give all successors by the package that there is no longer."""
    text = files("lectern.builder.resolve").joinpath("debian_successors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: Successor(row["successor"], row["replaces"] == "yes") for row in rows}


def find_successor(package: str) -> Successor | None:
    """Look a package up that Debian does not have, or that others merely provide."""
    if other_python := _OTHER_PYTHON.fullmatch(package):
        return Successor(f"python3{other_python[1]}", replaces=True)
    return table().get(package)
