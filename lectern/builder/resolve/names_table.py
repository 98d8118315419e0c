"""Conda's names in other words: what each is called on PyPI and in Debian, or why it is not needed."""

from __future__ import annotations

import csv
import difflib
import functools
import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


class Kind(StrEnum):
    """What a conda name stands for; each kind is treated in one way (docs/reference/resolver.md)."""

    PYPI_SAME = "pypi-same"
    PYPI_OTHER = "pypi-other"
    RENAMED = "renamed"
    SUCCESSOR = "successor"
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


def find_near(name: str, names: tuple[str, ...] = ()) -> str:
    """Give the known name that somebody who wrote `name` may have meant, or ""."""
    known = names or tuple(table())
    near = difflib.get_close_matches(name.lower(), known, n=10, cutoff=0.75)
    if not near:
        return ""
    best = _likeness(name, near[0])
    # The table begins with what most courses use: of equals, that one was meant.
    return min((one for one in near if _likeness(name, one) == best), key=known.index)


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, name.lower()).ratio()
