"""Why a set of requirements cannot be had, and the smallest change that helps."""

from __future__ import annotations

import functools
import platform
import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING

from packaging import tags
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from lectern.builder.resolve.names_table import find_near, table
from lectern.builder.resolve.python_version import OFFERED
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from packaging.requirements import Requirement as Parsed

    from lectern.builder.resolve.simple_index import File, SimpleIndex

_MAX_LINES = 8


@dataclass(frozen=True)
class Placed:
    """A requirement and the line that it stands in."""

    parsed: Parsed
    where: str

    def __str__(self) -> str:
        """Write it as PyPI's tools do."""
        return str(self.parsed)


@dataclass(frozen=True)
class Blocked:
    """A requirement that cannot be had by itself, and the Pythons on which it could."""

    project: str
    reason: Reason
    pythons: frozenset[str]


def find_blocked(asked: Sequence[Placed], python: str, index: SimpleIndex) -> tuple[Blocked, ...]:
    """Say which requirements cannot be had on a Python, each by itself.

    Parameters
    ----------
    asked : Sequence[Placed]
        The declared requirements.
    python : str
        Minor version, "3.13".
    index : SimpleIndex
        Where they come from.
    """
    files = index.find_all(placed.parsed.name for placed in asked)
    found = (_look_at(placed, files[placed.parsed.name], python) for placed in asked)
    return tuple(blocked for blocked in found if blocked)


def common_pythons(blocked: Sequence[Blocked]) -> tuple[str, ...]:
    """Give the Pythons on which each of the blocked requirements could be had, newest first."""
    common = frozenset(OFFERED).intersection(*(one.pythons for one in blocked))
    return tuple(sorted(common, key=OFFERED.index, reverse=True))


def find_pythons(files: Iterable[File]) -> frozenset[str]:
    """Say on which Pythons one of the files can be used."""
    listed = tuple(files)
    return frozenset(minor for minor in OFFERED if any(is_usable(file, minor) for file in listed))


def span_of(pythons: Iterable[str]) -> str:
    """Write some Pythons as a person would: "3.9 to 3.14"."""
    known = sorted(pythons, key=OFFERED.index)
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"


def _look_at(placed: Placed, files: tuple[File, ...] | None, python: str) -> Blocked | None:
    name, where = placed.parsed.name, placed.where
    if files is None:
        pypi = tuple(row.pypi.partition("[")[0] for row in table().values() if row.pypi)
        near = find_near(name, pypi)
        hint = f"did you mean `{near}`?" if near else "see how it is spelt there"
        return Blocked(name, Reason(where, f"PyPI has no package `{name}`", hint), frozenset())
    releases = releases_of(files)
    fitting = _fitting(placed, releases)
    if not fitting:
        return Blocked(name, _no_such_release(placed, releases, python), frozenset())
    if _is_exact(placed.parsed.specifier):
        kept = fitting
    else:
        kept = {version: own for version, own in fitting.items() if not all(file.is_yanked for file in own)}
    if not kept:
        reason = Reason(
            where,
            f"every release that fits `{placed}` was withdrawn (yanked)",
            nearest_with_wheel(placed, releases, python) or f"leave `{name}` out",
        )
        return Blocked(name, reason, frozenset())
    pythons = find_pythons(file for own in kept.values() for file in own)
    if python in pythons:
        return None
    return Blocked(name, _no_wheel(placed, kept, releases, python, pythons), pythons)


def _no_wheel(
    placed: Placed,
    kept: dict[Version, list[File]],
    releases: dict[Version, list[File]],
    python: str,
    pythons: frozenset[str],
) -> Reason:
    near = nearest_with_wheel(placed, releases, python)
    hint = near or f"leave `{placed.parsed.name}` out"
    if pythons:
        what = f"`{placed}` has no wheel for Python {python}, only for {span_of(pythons)}"
        return Reason(placed.where, what, near or f"name one of those Pythons, or {hint}")
    if any(file.is_wheel for own in kept.values() for file in own):
        what = f"`{placed}` has wheels only for other machines or for Pythons that ended"
    else:
        what = f"`{placed}` has no wheel, only its source, which would have to be compiled"
    return Reason(placed.where, what, f"{hint}; or {CHOOSE_CONDA}")


def _no_such_release(placed: Placed, releases: dict[Version, list[File]], python: str) -> Reason:
    stable = [version for version in releases if not version.is_prerelease] or list(releases)
    if not stable:
        return Reason(placed.where, f"PyPI has no release of `{placed.parsed.name}`", "leave it out")
    parts = sorted(placed.parsed.specifier, key=str)
    # Two lines of one environment.yml come as one requirement, at the place of the first.
    if len(parts) > 1 and all(any(True for _ in part.filter(releases)) for part in parts):
        return Reason(
            placed.where,
            f"PyPI has no release of `{placed.parsed.name}` that fits "
            f"{' and '.join(f'`{part}`' for part in parts)} at once",
            f"keep one of them; where two lines name `{placed.parsed.name}`, take one out",
        )
    return Reason(
        placed.where,
        f"PyPI has no release of `{placed.parsed.name}` that fits `{placed.parsed.specifier}`: it has "
        f"{min(stable)} to {max(stable)}",
        f"{nearest_with_wheel(placed, releases, python) or f'write `{placed.parsed.name}=={max(stable)}`'}, "
        "or no version",
    )


def nearest_with_wheel(placed: Placed, releases: dict[Version, list[File]], python: str) -> str:
    """Say which release to write, the nearest to the one asked for that a Python can use; "" for none."""
    usable = sorted(
        version
        for version, own in releases.items()
        if not version.is_prerelease and any(is_usable(file, python) and not file.is_yanked for file in own)
    )
    if not usable:
        return ""
    fitting = _fitting(placed, releases)
    newer = [version for version in usable if fitting and version > max(fitting)]
    nearest = newer[0] if newer else _nearest(_asked_for(placed.parsed.specifier), usable)
    return f"write `{placed.parsed.name}=={nearest}`, the nearest with a wheel for Python {python}"


def _asked_for(specifiers: SpecifierSet) -> Version | None:
    """Give the version that an author had in mind: the one that is named, else a bound."""
    for operators in ({"==", "===", "~="}, {"<", "<="}, {">", ">="}):
        for part in specifiers:
            if part.operator in operators:
                with suppress(InvalidVersion):
                    return Version(part.version.removesuffix(".*"))
    return None


def _nearest(asked: Version | None, usable: Sequence[Version]) -> Version:
    """Give the version that shares most of its beginning with another one; of two, the newer."""
    older = [version for version in usable if asked and version <= asked]
    newer = [version for version in usable if not asked or version > asked]
    if not asked or not (older and newer):
        return older[-1] if older else newer[0 if asked else -1]
    return min(newer[0], older[-1], key=lambda version: _distance(version, asked))


def _distance(one: Version, other: Version) -> tuple[int, int]:
    """Say how far two versions are apart: how early they differ, and by how much."""
    pairs = list(zip_longest(one.release, other.release, fillvalue=0))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return -same, abs(pairs[same][0] - pairs[same][1]) if same < len(pairs) else 0


def releases_of(files: Iterable[File]) -> dict[Version, list[File]]:
    """Give the files of each release."""
    releases: dict[Version, list[File]] = {}
    for file in files:
        if version := file.version:
            releases.setdefault(version, []).append(file)
    return releases


def _fitting(placed: Placed, releases: dict[Version, list[File]]) -> dict[Version, list[File]]:
    return {version: releases[version] for version in placed.parsed.specifier.filter(releases)}


def _is_exact(specifiers: SpecifierSet) -> bool:
    return any(part.operator in {"==", "==="} and not part.version.endswith("*") for part in specifiers)


def is_usable(file: File, python: str) -> bool:
    """Say whether a file is a wheel that a Python can use in the participants' machine."""
    return (
        file.is_wheel
        and bool(file.version)
        and accepts(file, python)
        and not file.tags.isdisjoint(_supported(python))
    )


def accepts(file: File, python: str) -> bool:
    """Say whether a file's `Requires-Python` admits a Python; upper bounds do not count, as in uv."""
    try:
        wanted = SpecifierSet(file.requires_python)
    except InvalidSpecifier:
        return True
    # `!=3.9.0` and the like: any patch release will do.
    return all(
        part.operator in {"<", "<="} or any(part.contains(f"{python}.{patch}") for patch in (0, 5, 99))
        for part in wanted
    )


@functools.cache
def _supported(python: str) -> frozenset[tags.Tag]:
    major, minor = map(int, python.split("."))
    machine = platform.machine()
    platforms = [
        *(f"manylinux_2_{glibc}_{machine}" for glibc in range(41, 4, -1)),
        *(f"manylinux{old}_{machine}" for old in ("2014", "2010", "1")),
        f"linux_{machine}",
    ]
    return frozenset(
        [
            *tags.cpython_tags((major, minor), platforms=platforms),
            *tags.compatible_tags((major, minor), f"cp{major}{minor}", platforms),
        ]
    )


def find_conflict(asked: Sequence[Placed], said: str, fits: Callable[[Sequence[Placed]], bool]) -> Reason:
    """Explain a set in which each requirement could be had, but not all together.

    Parameters
    ----------
    asked : Sequence[Placed]
        The declared requirements.
    said : str
        What uv says.
    fits : Callable[[Sequence[Placed]], bool]
        Tries another set.
    """
    named = {name.lower().replace("_", "-") for name in re.findall(r"[A-Za-z0-9][\w.-]*", said)}
    pinned = [
        placed
        for placed in asked
        if placed.parsed.specifier and placed.parsed.name.lower().replace("_", "-") in named
    ]
    helps = [
        placed for placed in pinned if fits([other for other in asked if other != placed] + [_freed(placed)])
    ]
    lines = [f"{placed.where}: `{placed}`" for placed in pinned]
    why = "\n    ".join(["do not go together:", *lines, *condensed(said)])
    if helps:
        ways = " or off ".join(f"`{placed.parsed.name}` ({placed.where})" for placed in helps)
        return Reason(helps[0].where, why, f"take the version off {ways}")
    return Reason(
        ", ".join(placed.where for placed in pinned) or "PyPI", why, "take versions off, one after the other"
    )


def _freed(placed: Placed) -> Placed:
    parsed = type(placed.parsed)(str(placed.parsed))
    parsed.specifier = SpecifierSet()
    return Placed(parsed, placed.where)


def condensed(said: str) -> list[str]:
    """Give what uv says as a few sentences, each once."""
    text = re.sub(r"\s+", " ", re.sub(r"(?m)^\s*(error|hint|cause):", "", said))
    text = text.replace("No solution found when resolving dependencies", "")
    sentences = [
        re.sub(r",? we can conclude that .*", "", sentence)
        .strip()
        .removeprefix("And because ")
        .removeprefix("Because ")
        for sentence in re.split(r"(?<=[.:)]) (?=And because|Because)", text)
    ]
    return list(dict.fromkeys(filter(None, sentences)))[:_MAX_LINES]
