"""Versions of R packages: their order, what a pin admits, what a dependency asks for. Pure.

R compares the numbers between dots and hyphens, and nothing else: 1.2-3 is 1.2.3 and 1.10 follows 1.9.
Conda cannot write a hyphen in a version, so there 7.3-60 is 7.3_60.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

_VERSION = re.compile(r"[0-9]{1,18}(?:[.-][0-9]{1,18})*")
_BOUND = re.compile(r"(==|!=|>=|<=|~=|=|>|<)?\s*([0-9._-]+?)(\.?\*)?")
_DEPENDENCY = re.compile(
    r"([A-Za-z][A-Za-z0-9.]*)\s*(?:\(\s*(>=|<=|==|!=|>|<|=)\s*([^()\s]+)\s*\))?", re.ASCII
)
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9.]*[A-Za-z0-9])?", re.ASCII)
# A development revision of R itself ("R (>= r45678)"): all of them are older than any R still in use.
_REVISION = re.compile(r"r[0-9]+")

_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def is_package_name(text: str) -> bool:
    """Say whether R would take a text as a package's name.

    References
    ----------
    Writing R Extensions, 1.1.1.
    """
    return bool(_NAME.fullmatch(text))


def is_version(text: str) -> bool:
    """Say whether a text is a version as R writes it."""
    return bool(_VERSION.fullmatch(text))


def version_key(text: str) -> tuple[int, ...]:
    """Give what versions are compared by.

    Raises
    ------
    ValueError
        The text is no version.
    """
    if not is_version(text):
        raise ValueError(f"`{text}` is no version of an R package")
    return tuple(int(number) for number in re.split(r"[.-]", text))


@dataclass(frozen=True)
class Bound:
    """One comparison; the operator `=` admits all versions that begin so, as conda's does."""

    operator: str
    version: str

    def admits(self, version: str) -> bool:
        """Say whether a version passes."""
        one, other = version_key(version), version_key(self.version)
        if self.operator == "=":
            return one[: len(other)] == other
        return bool(_COMPARISONS[self.operator](one, other))

    def __str__(self) -> str:
        return self.operator + self.version


@dataclass(frozen=True)
class Constraint:
    """Which versions will do: one of the alternatives must hold, with all its bounds."""

    alternatives: tuple[tuple[Bound, ...], ...] = ((),)

    def admits(self, version: str) -> bool:
        """Say whether a version, written as R does, will do."""
        return any(all(bound.admits(version) for bound in bounds) for bounds in self.alternatives)

    @property
    def candidates(self) -> tuple[str, ...]:
        """Give the versions that are named outright, by `=` or `==`."""
        return tuple(
            bound.version for bounds in self.alternatives for bound in bounds if bound.operator in {"=", "=="}
        )

    def __bool__(self) -> bool:
        """Say whether there is anything to satisfy."""
        return all(self.alternatives)

    def __str__(self) -> str:
        return "|".join(",".join(map(str, bounds)) for bounds in self.alternatives)


ANY = Constraint()


def parse_constraint(text: str) -> Constraint:
    """Read a pin as an instructor writes it, in conda's or R's way.

    Parameters
    ----------
    text : str
        "", "*", "=1.2", "1.2.*", "==7.3_60", ">=1,<2", "1.2|1.3"; a bare version means `=`.

    Raises
    ------
    ValueError
        The text says no version.
    """
    return Constraint(tuple(_parse_bounds(part) for part in text.split("|"))) if text.strip() else ANY


def _parse_bounds(text: str) -> tuple[Bound, ...]:
    if text.strip() == "*":
        return ()
    bounds: list[Bound] = []
    for part in text.split(","):
        match = _BOUND.fullmatch(part.strip())
        version = match[2].replace("_", "-") if match else ""
        if not match or not is_version(version):
            raise ValueError(f"`{text.strip()[:60]}` is no version of an R package")
        sign = match[1] or "="
        if match[3] and sign in {"==", "="}:
            sign = "="
        elif match[3] and sign not in {">=", "<"}:
            raise ValueError(f"`{part.strip()[:60]}` has no meaning for an R package")
        if sign == "~=":
            bounds += [Bound(">=", version), Bound("=", _without_last_number(version))]
        else:
            bounds.append(Bound(sign, version))
    return tuple(bounds)


def _without_last_number(version: str) -> str:
    return re.sub(r"[.-][0-9]+$", "", version)


@dataclass(frozen=True)
class Dependency:
    """What a package needs of another one."""

    name: str
    constraint: Constraint


def parse_dependencies(text: str) -> tuple[Dependency, ...]:
    """Read one of the fields Depends, Imports and LinkingTo.

    Raises
    ------
    ValueError
        An entry is no `name` or `name (>= version)`.
    """
    found = []
    for entry in text.split(","):
        if not entry.strip():
            continue
        match = _DEPENDENCY.fullmatch(entry.strip())
        if not match:
            raise ValueError(f"`{entry.strip()[:60]}` is no dependency of an R package")
        name, sign, version = match[1], match[2], match[3]
        if not sign or _REVISION.fullmatch(version):
            found.append(Dependency(name, ANY))
            continue
        version_key(version)
        exact = "==" if sign == "=" else sign
        found.append(Dependency(name, Constraint(((Bound(exact, version),),))))
    return tuple(found)
