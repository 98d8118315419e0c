"""Which Python is wanted: one range of versions from the files that may name it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.items import CondaSpec

_PART = re.compile(r"(==|>=|<=|!=|~=|=|<|>)(\d+(?:\.\d+){0,2})(\.\*)?", re.ASCII)


@functools.cache
def _known() -> tuple[Version, ...]:
    """Give any Python that was or may come; a range that admits none of them is a slip of the pen."""
    return tuple(
        Version(f"{major}.{minor}.{patch}") for major in (2, 3) for minor in range(40) for patch in range(30)
    )


def python_of_conda(spec: CondaSpec) -> Item | None:
    """Write conda's `python` entry as a PEP 440 set; None when any version will do.

    Raises
    ------
    DeclarationError
        It has a version that Python never has, or alternatives that are no range.
    """
    if not spec.version:
        return None
    sets = [_set(alternative, spec) for alternative in spec.version.split("|")]
    if len(sets) == 1:
        return Item("python", str(sets[0]), spec.where)
    return Item("python", _range(sets, spec), spec.where)


def both_pythons(first: Item | None, second: Item | None) -> Item | None:
    """Give what two files admit together; either may say nothing.

    Raises
    ------
    DeclarationError
        No version fits both.
    """
    if not first or not second:
        return first or second
    both = SpecifierSet(first.version) & SpecifierSet(second.version)
    if not any(both.filter(_known())):
        raise DeclarationError(
            f"no Python fits both `{first.version}` and `{second.version}` ({second.where})",
            where=first.where,
            hint="change one of the two",
        )
    return Item("python", str(both), first.where)


def _set(alternative: str, spec: CondaSpec) -> SpecifierSet:
    parts = []
    for part in alternative.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise _no_version(spec)
        operator, version, star = match.groups()
        parts.append(f"=={version}.*" if operator == "=" else f"{operator}{version}{star or ''}")
    try:
        return SpecifierSet(",".join(parts))
    except InvalidSpecifier as problem:  # `~=3`
        raise _no_version(spec) from problem


def _range(sets: list[SpecifierSet], spec: CondaSpec) -> str:
    """Write alternatives as one range, if they are one."""
    known = _known()
    admitted = [any(wanted.contains(version) for wanted in sets) for version in known]
    first = admitted.index(True) if True in admitted else len(admitted)
    behind = next((at for at in range(first, len(admitted)) if not admitted[at]), len(admitted))
    if first == len(admitted) or True in admitted[behind:]:
        raise DeclarationError(
            f"`{spec}` names alternatives that are no range",
            where=spec.where,
            hint="write `- python>=3.11,<3.13`",
        )
    bounds = [f">={_short(known[first])}", f"<{_short(known[behind])}" if behind < len(known) else ""]
    return ",".join(bound for bound in reversed(bounds) if bound)


def _short(version: Version) -> str:
    return str(version).removesuffix(".0")


def _no_version(spec: CondaSpec) -> DeclarationError:
    return DeclarationError(
        f"`{spec}` is no version of Python",
        where=spec.where,
        hint="write `- python=3.13` or `- python>=3.11,<3.14`",
    )
