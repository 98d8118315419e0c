"""Source releases: taken where a wheel is missing, if they say what they need without being run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lectern.builder.resolve import explain
from lectern.builder.resolve.explain import Blocked, Placed
from lectern.builder.resolve.names_table import find_row
from lectern.builder.resolve.python_version import OWN
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason
from lectern.builder.resolve.static_metadata import Metadata, UnknownMetadataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lectern.builder.resolve.simple_index import File, SimpleIndex

_COMPILERS = frozenset({"gcc", "g++", "gfortran", "build-essential", "r-base-dev"})
_WITHOUT_WHEEL = re.compile(
    r"Wheels are required for `([\w.-]+)`|([\w.-]+?)(?:[=<>!]\S*)? has no usable wheels"
)


def names_without_wheel(said: str) -> tuple[str, ...]:
    """Give the projects of which uv says that they have no wheel."""
    found = (one or other for one, other in _WITHOUT_WHEEL.findall(said))
    return tuple(dict.fromkeys(canonicalize_name(name) for name in found))


def find_source(
    name: str, placed: Sequence[Placed], python: str, index: SimpleIndex, debian: frozenset[str]
) -> Metadata | Blocked | None:
    """Find a source release that stands for a missing wheel.

    Parameters
    ----------
    name : str
        The project.
    placed : Sequence[Placed]
        The requirements that name it or, where none does, may need it.
    python : str
        Minor version, "3.13".
    index : SimpleIndex
        Where releases come from.
    debian : frozenset[str]
        Debian packages that will be there: a compiler among them admits what has to be compiled.

    Returns
    -------
    Metadata
        Of the release to use.
    Blocked
        There is one, but it cannot be used; with the Pythons for which other releases have wheels.
    None
        There is none, or wheels for other Pythons are the remedy.
    """
    own = [one for one in placed if canonicalize_name(one.parsed.name) == name]
    specifiers = SpecifierSet(",".join(str(one.parsed.specifier) for one in own if one.parsed.specifier))
    files = tuple(file for file in index.find_files(name) or () if file.version and not file.is_yanked)
    look = _Look(own[0].parsed.name if own else name, specifiers, files, python)
    release = look.newest_source()
    if not release:
        return None
    where = ", ".join(one.where for one in own or placed) or "PyPI"
    try:
        found = index.read_metadata(release)
    except UnknownMetadataError as problem:
        way = f"leave `{name}` out" if own else ""
        return look.blocked(release, where, f"and its source {problem}", way)
    if missing := _missing(found, python, debian):
        what = "only its source, which has to be compiled"
        way = f"put {', '.join(missing)} into apt.txt, and the headers of the libraries that it binds"
        return look.blocked(release, where, what, way)
    return replace(found, name=name, version=str(release.version))


@dataclass(frozen=True)
class _Look:
    """A project's files, and what is wanted of them."""

    name: str
    specifiers: SpecifierSet
    files: tuple[File, ...]
    python: str

    def newest_source(self) -> File | None:
        """Give the newest release that fits, if it is a source and has no wheels for other Pythons."""
        releases = explain.releases_of(file for file in self.files if explain.accepts(file, self.python))
        for version in sorted(self.specifiers.filter(releases), reverse=True):
            own = releases[version]
            if explain.find_pythons(own):
                return None  # it is compiled, and the remedy is one of those Pythons
            if sources := [file for file in own if file.name.endswith((".tar.gz", ".zip", ".tar.bz2"))]:
                return sources[0]
        return None

    def blocked(self, source: File, where: str, what: str, way: str) -> Blocked:
        """Say that a source cannot be used, and which releases and Pythons are another way."""
        parsed = Parsed(self.name)
        parsed.specifier = self.specifiers
        releases = explain.releases_of(self.files)
        pythons = {
            version: explain.find_pythons(releases[version]) for version in self.specifiers.filter(releases)
        }
        said = f"`{parsed}` has no wheel"
        said += f" for Python {self.python}" if any(file.is_wheel for file in self.files) else ""
        said += f", {what}"
        some = frozenset[str]().union(*pythons.values())
        if some:
            are_newer = all(
                source.version and version > source.version for version, had in pythons.items() if had
            )
            others = "newer" if are_newer else "other"
            said += f"; {others} releases have wheels for Python {explain.span_of(some)}"
        # Where no version is asked for, uv would have taken it.
        near = (
            explain.nearest_with_wheel(Placed(parsed, where), releases, self.python)
            if self.specifiers
            else ""
        )
        hint = "; or ".join(dict.fromkeys(filter(None, (near, way, CHOOSE_CONDA))))
        return Blocked(self.name, Reason(where, said, hint), some)


def mentioned(placed: Sequence[Placed], said: str) -> list[Placed]:
    """Give the requirements that uv speaks of: one of them needs what is missing."""
    words = {canonicalize_name(word) for word in re.findall(r"[A-Za-z0-9][\w.-]*", said)}
    return [one for one in placed if canonicalize_name(one.parsed.name) in words]


def _missing(found: Metadata, python: str, debian: frozenset[str]) -> tuple[str, ...]:
    """Give the Debian packages without which a release cannot be compiled."""
    if found.is_pure:
        return ()
    row = find_row(found.name)
    needed = ["python3-dev"] if python == OWN else []
    needed += [row.debian] if row and row.debian else []
    needed += [] if debian & _COMPILERS else ["build-essential"]
    return tuple(package for package in needed if package not in debian)
