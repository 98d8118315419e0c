"""Which Python an environment gets. Pure."""

from __future__ import annotations

import platform
import posixpath
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lectern.builder.declare.items import Item

#: Debian trixie's own Python: nothing has to be downloaded for it.
OWN = "3.13"

#: First release of each Python that can be had, oldest first (PEPs 569, 596, 619, 664, 693, 719, 745).
FIRST_RELEASE = {
    "3.8": date(2019, 10, 14),
    "3.9": date(2020, 10, 5),
    "3.10": date(2021, 10, 4),
    "3.11": date(2022, 10, 24),
    "3.12": date(2023, 10, 2),
    "3.13": date(2024, 10, 7),
    "3.14": date(2025, 10, 7),
}
OFFERED = tuple(FIRST_RELEASE)

#: Tried in this order where a declaration leaves the choice: they save most pins that fail on the first.
PREFERRED = (OWN, "3.12", "3.11")

_ENDED = {"2.7": 2020, "3.4": 2019, "3.5": 2020, "3.6": 2021, "3.7": 2023}
# Which patch release it is, is the builder's affair: a declaration fits when it admits any of them.
_PATCHES = range(100)


@dataclass(frozen=True)
class PythonChoice:
    """The Pythons that a declaration admits, best first."""

    candidates: tuple[str, ...]
    where: str  # the line that names one; "" when there is none
    notices: tuple[str, ...] = ()
    #: What is declared cannot be had: the candidates are those that can, nearest first.
    refused: Reason | None = None

    def beside_others(self) -> list[Reason]:
        """Give the refusal where other entries keep the offered Pythons from being tried; else none."""
        if not self.refused:
            return []
        way = "write one of them; once the other entries are in order, one that serves is named here"
        return [replace(self.refused, hint=f"{way}; or {CHOOSE_CONDA}")]


class NotOfferedError(ResolveError):
    """The declared Python cannot be had; `instead` has the Pythons that can."""

    def __init__(self, reason: Reason, instead: PythonChoice, nearest: str) -> None:
        super().__init__(f"{reason.what}, the nearest is {nearest}", where=reason.where, hint=reason.hint)
        self.instead = instead


def choose_python(wishes: Sequence[Item]) -> PythonChoice:
    """Say which Pythons may be taken.

    Parameters
    ----------
    wishes : Sequence[Item]
        What the files say, versions as PEP 440 sets; all of them have to hold.

    Raises
    ------
    NotOfferedError
        None of the offered Pythons fits; names the nearest.
    ResolveError
        It is no version, or two exclude each other.
    """
    named = sorted({wish for wish in wishes if wish.version}, key=lambda wish: wish.where)
    if not named:
        return PythonChoice(PREFERRED, "")
    where = named[0].where
    try:
        wanted = SpecifierSet(",".join(wish.version for wish in named))
    except InvalidSpecifier as problem:
        raise ResolveError(
            f"`python{named[0].version}` is no version", where=where, hint=f"write {python_line(OWN, where)}"
        ) from problem
    fitting = [minor for minor in OFFERED if _admits(wanted, minor)]
    if not fitting:
        raise _refusal(named, wanted)
    candidates = tuple(minor for minor in PREFERRED if minor in fitting) or (fitting[-1],)
    return PythonChoice(candidates, where, _patch_notice(named, candidates[0]))


def marker_environment(python: str) -> dict[str, str]:
    """Give what conditions of requirements (PEP 508) compare with, in a participant's container."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": platform.machine(),
    }


def python_line(minor: str, where: str) -> str:
    """Write what asks for a Python in the file of a place; in runtime.txt where that file cannot ask."""
    file = posixpath.basename(where.partition(":")[0])
    if file.startswith("environment."):
        return f"`- python={minor}`"
    if file == "pyproject.toml":
        return f'`requires-python = "=={minor}.*"`'
    if file == "Pipfile":
        return f'`python_version = "{minor}"`'
    return f"`python-{minor}`" + ("" if file == "runtime.txt" else " into runtime.txt")


def _admits(wanted: SpecifierSet, minor: str) -> bool:
    return any(True for _ in wanted.filter([minor, *(f"{minor}.{patch}" for patch in _PATCHES)]))


def _patch_notice(named: Sequence[Item], minor: str) -> tuple[str, ...]:
    return tuple(
        f"{wish.where}: Python {minor} in its newest patch release is used for `python{wish.version}`"
        for wish in named
        if re.search(r"==\d+\.\d+\.\d+", wish.version)
    )


def _refusal(named: Sequence[Item], wanted: SpecifierSet) -> ResolveError:
    asked = " and ".join(f"`python{wish.version}`" for wish in named)
    numbers = re.findall(r"(\d+)\.(\d+)", str(wanted))
    minor = ".".join(numbers[0]) if numbers else ""
    # Two lines of one environment.yml come as one wish.
    parts = [part for wish in named for part in wish.version.split(",")]
    if len(parts) > 1 and all(map(_fits_alone, parts)):
        wishes = parts if len(named) == 1 else [wish.version for wish in named]
        return ResolveError(
            f"{' and '.join(f'`python{version}`' for version in wishes)} exclude each other "
            f"({', '.join(wish.where for wish in named)})",
            where=named[0].where,
            hint="keep one of them",
        )
    ended = f"Python {minor} ended in {_ENDED[minor]}; " if minor in _ENDED else ""
    too_new = numbers and tuple(map(int, numbers[0])) > tuple(map(int, OFFERED[-1].split(".")))
    instead = OFFERED[::-1] if too_new else OFFERED
    where = named[0].where
    reason = Reason(
        where,
        f"{asked}: {ended}{OFFERED[0]} to {OFFERED[-1]} can be had",
        f"write {python_line(instead[0], where)} and renew the pins; or {CHOOSE_CONDA}",
    )
    return NotOfferedError(reason, PythonChoice(instead, where, refused=reason), instead[0])


def _fits_alone(version: str) -> bool:
    return any(_admits(SpecifierSet(version), minor) for minor in OFFERED)
