"""Source releases: taken where a wheel is missing, if they say what they need without being run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lectern.builder.resolve import explain
from lectern.builder.resolve.names_table import find_row
from lectern.builder.resolve.python_version import OFFERED, OWN
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason
from lectern.builder.resolve.static_metadata import Metadata, UnknownMetadataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from lectern.builder.resolve.explain import Placed
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
) -> Metadata | Reason | None:
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
    Reason
        There is one, but it cannot be used.
    None
        There is none, or wheels for other Pythons are the remedy.
    """
    own = [one for one in placed if canonicalize_name(one.parsed.name) == name]
    release = _newest_source(name, own, python, index)
    if not release:
        return None
    where = ", ".join(one.where for one in own or placed) or "PyPI"
    found = _read(index, release, name, where)
    if isinstance(found, Reason):
        return found
    if missing := _missing(found, python, debian):
        return Reason(
            where,
            f"`{name}` has no wheel, only its source, which has to be compiled",
            f"put {', '.join(missing)} into apt.txt, and the headers of the libraries that it binds; "
            f"or {CHOOSE_CONDA}",
        )
    return replace(found, name=name, version=str(release.version))


def _newest_source(name: str, own: Sequence[Placed], python: str, index: SimpleIndex) -> File | None:
    specifiers = SpecifierSet(",".join(str(one.parsed.specifier) for one in own if one.parsed.specifier))
    releases: dict[Version, list[File]] = {}
    for file in index.find_files(name) or ():
        if file.version and not file.is_yanked and explain.accepts(file, python):
            releases.setdefault(file.version, []).append(file)
    fitting = sorted(specifiers.filter(releases), reverse=True)
    for version in fitting:
        files = releases[version]
        if any(explain.is_usable(file, other) for file in files for other in OFFERED):
            return None  # it is compiled, and the remedy is one of those Pythons
        if sources := [file for file in files if file.name.endswith((".tar.gz", ".zip", ".tar.bz2"))]:
            return sources[0]
    return None


def mentioned(placed: Sequence[Placed], said: str) -> list[Placed]:
    """Give the requirements that uv speaks of: one of them needs what is missing."""
    words = {canonicalize_name(word) for word in re.findall(r"[A-Za-z0-9][\w.-]*", said)}
    return [one for one in placed if canonicalize_name(one.parsed.name) in words]


def _read(index: SimpleIndex, release: File, name: str, where: str) -> Metadata | Reason:
    try:
        return index.read_metadata(release)
    except UnknownMetadataError as problem:
        return Reason(
            where,
            f"`{name}` has no wheel, and its source {problem}",
            f"pin a release of `{name}` that has a wheel",
        )


def _missing(found: Metadata, python: str, debian: frozenset[str]) -> tuple[str, ...]:
    """Give the Debian packages without which a release cannot be compiled."""
    if found.is_pure:
        return ()
    row = find_row(found.name)
    needed = ["python3-dev"] if python == OWN else []
    needed += [row.debian] if row and row.debian else []
    needed += [] if debian & _COMPILERS else ["build-essential"]
    return tuple(package for package in needed if package not in debian)
