"""What is kept of earlier builds beside the images: logs and lists of packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.manifest import packages, read_manifest
from lectern.builder.service.printable import printable_lines
from lectern.errors import RepoError

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


def manifest_of(folder: Path, commit: str) -> dict[str, Any]:
    """Give what a release holds.

    Raises
    ------
    LecternError
        There is no record of it.
    """
    path = folder / f"{commit}.manifest.json"
    if not _COMMIT.fullmatch(commit) or not path.is_file():
        raise RepoError("there is no list of its packages", where=commit[:12], hint="build it again")
    return read_manifest(path.read_bytes(), where=commit[:12])


def package_lists(manifest: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Give each part's packages and versions, what an instructor declared first."""
    return [(source, found) for source in SOURCES if (found := packages(manifest, source))]
