"""Entries that are Debian's: programs, and R packages as far as Debian has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.resolve.conda_version import admits
from lectern.builder.resolve.debian_successors import find_successor
from lectern.builder.resolve.names_table import find_near, find_row
from lectern.builder.resolve.refusals import CHOOSE_CONDA

if TYPE_CHECKING:
    from lectern.builder.declare.items import Item
    from lectern.builder.resolve.collected import Collected

_SUCCEEDED = "packages of an earlier Debian, taken as those that have their place"


def place_debian(package: str, item: Item, so_far: Collected, *, is_strict: bool = False) -> None:
    """Take a package of Debian's, or what has its place; `is_strict` refuses another version.

    Parameters
    ----------
    package : str
        Debian's name.
    item : Item
        What was asked for, in the words of the file.
    so_far : Collected
        Where it is noted.
    is_strict : bool
        A language that a course teaches: for other programs another version is a notice.
    """
    found = so_far.archive.find_version(package) if so_far.archive else ""
    if so_far.archive and not found:
        # A name that is merely provided can be installed, unless several packages provide it.
        successor = find_successor(package)
        if successor and successor.replaces and (its := so_far.archive.find_version(successor.package)):
            so_far.tell(_SUCCEEDED, f"{package} → {successor.package}")
            package, found = successor.package, its
    if found is None:
        _refuse_debian(package, item, so_far)
        return
    so_far.debian.add(package)
    if not item.version or not found or admits(item.version, found):
        return
    what = f"`{item.name}{item.version}`: Debian trixie has {found}"
    if is_strict:
        so_far.refuse(item.where, what, f"write `- {item.name}` to take it; or {CHOOSE_CONDA}")
    else:
        so_far.notices.append(f"{item.where}: {what}, which is used")


def _refuse_debian(package: str, item: Item, so_far: Collected) -> None:
    successor = find_successor(package)
    near = find_near(item.name)
    if successor and not successor.replaces:
        hint = f"write `{successor.package}`, which has its place, if that will do"
    elif near and near != item.name:
        hint = f"did you mean `{near}`?"
    else:
        hint = f"leave `{package}` out"
    so_far.refuse(item.where, f"Debian trixie has no package `{package}`", hint)


def place_r(item: Item, so_far: Collected) -> None:
    """Take an R package from Debian if what Debian has will do; else it is left to CRAN."""
    name = re.sub(r"^(r|bioconductor)-", "", item.name.lower())
    for package in (f"r-cran-{name}", f"r-bioc-{name}"):
        if not _is_in_debian(package, name, so_far):
            continue
        found = so_far.archive.find_version(package) if so_far.archive else ""
        if not item.version or not found or admits(item.version, found):
            so_far.debian.add(package)
            return
    so_far.r.add(item)


def _is_in_debian(package: str, name: str, so_far: Collected) -> bool:
    if so_far.archive:
        return so_far.archive.find_version(package) is not None
    rows = (find_row(f"r-{name}"), find_row(f"bioconductor-{name}"))
    return any(row is not None and row.debian == package for row in rows)
