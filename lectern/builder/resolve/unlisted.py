"""Ways out for names that no table knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lectern.builder.resolve.names_table import find_near

if TYPE_CHECKING:
    from lectern.builder.resolve.collected import Collected


def way_out(name: str, so_far: Collected) -> str:
    """Say where a name is that is not known: the very name first, and likely slips only without it."""
    if so_far.is_on_pypi(name):
        return f"PyPI has a `{name}`: if that is meant, put it under `pip:`;"
    ways = []
    if near := find_near(name):
        ways.append(f"did you mean `{near}`?")
    # A name that packages merely provide has no version, and often cannot be installed.
    if so_far.archive and so_far.archive.find_version(name):
        ways.append(f"Debian's package `{name}` goes into apt.txt, if that is meant;")
    return " ".join(ways)
