"""Conda's names in other words: what each is called on PyPI and in Debian, or why it is not needed."""

from __future__ import annotations

import csv
import functools
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

#: A shorter name is near to many others; a longer one may be mistyped in two places.
_SHORT, _LONG = 5, 8


class Kind(StrEnum):
    """What a conda name stands for; each kind is treated in one way (docs/reference/resolver.md)."""

    PYPI_SAME = "pypi-same"
    PYPI_OTHER = "pypi-other"
    RENAMED = "renamed"
    SUCCESSOR = "successor"
    STANDARD_LIBRARY = "standard-library"
    KERNEL = "kernel"
    PLATFORM = "platform"
    DEBIAN = "debian"
    DEBIAN_PYTHON = "debian-python"
    DEBIAN_MISSING = "debian-missing"
    R_DEBIAN = "R-debian"
    R_MISSING = "R-missing"
    CONDA_ONLY = "conda-only"
    META = "meta"
    META_R = "meta-R"
    PYTHON = "python-version"
    IGNORE = "ignore"
    IGNORE_UNLESS_USED = "ignore-notice"
    C_LIBRARY = "c-lib-ignore"
    GPU = "cuda"
    CLASSIC_NOTEBOOK = "notebook6-only"


@dataclass(frozen=True)
class Row:
    """One conda name."""

    name: str
    pypi: str  # project on PyPI, perhaps with extras; "" when there is none
    debian: str  # Debian package; "" when there is none
    kind: Kind
    note: str
    also: tuple[str, ...] = ()  # further Debian packages, where one name of conda's stands for several


def normalised(name: str) -> str:
    """Give the spelling that all spellings of a package's name share (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def table() -> dict[str, Row]:
    """Give all rows by conda name."""
    text = files("lectern.builder.resolve").joinpath("conda_names.csv").read_text(encoding="utf-8")
    return {row["conda_name"]: _read(row) for row in csv.DictReader(text.splitlines())}


def _read(row: dict[str, str]) -> Row:
    debian, *also = row["debian_package"].split() or [""]
    return Row(row["conda_name"], row["pypi_name"], debian, Kind(row["kind"]), row["note"], tuple(also))


@functools.cache
def _by_spelling() -> dict[str, Row]:
    return {normalised(name): row for name, row in table().items()}


def find_row(name: str) -> Row | None:
    """Look a conda name up, in whatever spelling."""
    return table().get(name) or _by_spelling().get(normalised(name))


def is_part_of_python(name: str) -> bool:
    """Say whether a name is a module that comes with Python."""
    return name.replace("-", "_") in sys.stdlib_module_names


def find_near(name: str, names: tuple[str, ...] = ()) -> str:
    """Give the known name that somebody who wrote `name` may have meant, or "".

    A slip of the fingers: one letter or two, and not the first one. Names that are merely alike are
    other packages: uxarray is no xarray, and regionmask no regions.
    """
    written = normalised(name)
    slips = 0 if len(written) < _SHORT else 1 if len(written) < _LONG else 2
    known = names or tuple(table())
    near = {other: _distance(written, normalised(other), slips) for other in known}
    best = min(near.values(), default=slips + 1)
    # The table begins with what most courses use: of equals, that one was meant.
    return next((other for other in known if near[other] == best), "") if best <= slips else ""


def _distance(one: str, other: str, most: int) -> int:
    """Count letters to add, to drop, to replace or to swap with the next one; `most` + 1 for more."""
    if one[:1] != other[:1] or abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        new = [row]
        for column, its in enumerate(other, 1):
            cost = min(last[column] + 1, new[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], its):
                cost = min(cost, before[column - 2] + 1)
            new.append(cost)
        before, last = last, new
    return min(last[-1], most + 1)
