"""What pages show of builds that have ended: logs, and lists of packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lectern.builder.manifest import packages
from lectern.builder.service.printable import printable_lines

if TYPE_CHECKING:
    from typing import Any

    from lectern.builder.records import Records

_MOST_BYTES = 2_000_000
SOURCES = ("python", "conda", "r", "julia", "debian", "server")


def last_lines(records: Records, commit: str) -> list[str] | None:
    """Give the last lines of the log of a commit's build; None when there is none."""
    path = records.find_log(commit)
    if path is None:
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_BYTES))
        return printable_lines(file.read().decode(errors="replace"))


def package_lists(manifest: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Give each part's packages and versions, what an instructor declared first."""
    return [(source, found) for source in SOURCES if (found := packages(manifest, source))]
