"""Julia's versions, and what a Project.toml's `[compat]` admits, as its package manager reads it. Pure."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

_NUMBER = r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?"
_SEMVER = re.compile(rf"([~^]?){_NUMBER}", re.ASCII)
_INEQUALITY = re.compile(rf"(≥|>=|=|<)\s*{_NUMBER}", re.ASCII)
_HYPHEN = re.compile(rf"{_NUMBER}\s+-\s+{_NUMBER}", re.ASCII)

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?", re.ASCII)

type Version = tuple[int, int, int]

_FIRST: Version = (0, 0, 0)
_NO_END: Version = (sys.maxsize, 0, 0)


@dataclass(frozen=True)
class Range:
    """Versions from `lower` on, below `upper`."""

    lower: Version
    upper: Version

    def __contains__(self, version: Version) -> bool:
        return self.lower <= version < self.upper


@dataclass(frozen=True)
class Compat:
    """A union of ranges; the text is what a person wrote."""

    text: str
    ranges: tuple[Range, ...]

    def __contains__(self, version: Version) -> bool:
        return any(version in each for each in self.ranges)


def is_version(text: str) -> bool:
    """Say whether a text is a full version: "1.10.4" or "1.12.0-rc1"."""
    return bool(_VERSION.fullmatch(text))


def numbers_of(version: str) -> Version:
    """Give a version's numbers; a range looks at nothing else, also of a release candidate.

    Raises
    ------
    ValueError
        The text is no full version.
    """
    match = _VERSION.fullmatch(version)
    if not match:
        raise ValueError(f"`{version}` is no version")
    return int(match[1]), int(match[2]), int(match[3])


def read_compat(text: str) -> Compat:
    """Read a version specifier of `[compat]`.

    Parameters
    ----------
    text : str
        Specifiers with commas between them, of which one must be met: `1.6`, `^1.6` (both up to the next
        number that breaks), `~1.6.2` (up to the next minor one), `1.6 - 1.10`, `>= 1.6`, `< 2`, `= 1.10.4`.

    Raises
    ------
    ValueError
        Says which part is no specifier.

    References
    ----------
    https://pkgdocs.julialang.org/v1/compatibility/ and `semver_spec` in Pkg.jl's src/Versions.jl, whose
    readings this follows, the surprising ones too: `=1.10` is 1.10.0 alone.
    """
    return Compat(text, tuple(_range(part.strip()) for part in text.split(",")))


def _range(part: str) -> Range:
    if match := _SEMVER.fullmatch(part):
        given = _numbers(match.groups()[1:])
        return Range(_padded(given), _next(given, _held(match[1], given)))
    if match := _INEQUALITY.fullmatch(part):
        version = _padded(_numbers(match.groups()[1:]))
        match match[1]:
            case "<":
                return Range(_FIRST, version)
            case "=":
                return Range(version, _next(version, 3))
            case _:
                return Range(version, _NO_END)
    if match := _HYPHEN.fullmatch(part):
        end = _numbers(match.groups()[3:])
        return Range(_padded(_numbers(match.groups()[:3])), _next(end, len(end)))
    raise ValueError(f"`{part}` is no version range")


def _numbers(found: tuple[str | None, ...]) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in found if number is not None)
    if numbers == _FIRST:
        raise ValueError("`0.0.0` is no version")
    return numbers


def _held(operator: str, given: tuple[int, ...]) -> int:
    """Say how many leading numbers all versions of a range share."""
    if operator == "~":
        return min(len(given), 2)
    # The first number that is not 0 is the one whose change breaks things.
    return next((place for place, number in enumerate(given, 1) if number), len(given))


def _next(given: tuple[int, ...], held: int) -> Version:
    """Give the first version whose first `held` numbers are greater."""
    return _padded((*given[: held - 1], given[held - 1] + 1))


def _padded(numbers: tuple[int, ...]) -> Version:
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch
