"""What pages show of builds that have ended: logs, and lists of packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.manifest import packages
from lectern.builder.service.printable import printable_lines

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_MOST_BYTES = 2_000_000
SOURCES = ("python", "conda", "r", "julia", "debian", "server")


def find_log(folder: Path, commit: str) -> list[str] | None:
    """Give the last lines of a build's log; None when there is none."""
    if not _COMMIT.fullmatch(commit) or not (path := folder / f"{commit}.log").is_file():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _MOST_BYTES))
        return printable_lines(file.read().decode(errors="replace"))


def has_log(folder: Path, commit: str) -> bool:
    """Say whether there is a build's log."""
    return (folder / f"{commit}.log").is_file()


def package_lists(manifest: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Give each part's packages and versions, what an instructor declared first."""
    return [(source, found) for source in SOURCES if (found := packages(manifest, source))]
