"""What a commit's files must be before anything is built from them: whole, bounded, inside the repo."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.builder.service.printable import printable
from lectern.errors import DeclarationError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_FILES = 50_000
_SUBMODULE = "160000"
_LFS = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1024


@dataclass(frozen=True)
class Entry:
    """One entry of a commit's tree, as `git ls-tree -r -l -z` tells it."""

    mode: str
    size_bytes: int
    path: str


def read_entry(text: str) -> Entry:
    """Read one entry."""
    head, _, path = text.partition("\t")
    mode, _, _, size = head.split()
    return Entry(mode, int(size) if size.isdigit() else 0, path)


class Tally:
    """Counts entries as they come, so that a tree which unfolds without end is left early.

    Parameters
    ----------
    max_bytes : int
        Most that all files together may hold.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._files = 0
        self._bytes = 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Count entries.

        Raises
        ------
        DeclarationError
            One is nothing that can be built, or they are too many.
        """
        for entry in entries:
            if entry.mode == _SUBMODULE:
                raise DeclarationError(
                    to_translate("is a submodule, which would be an empty folder in the environment"),
                    where=printable(entry.path),
                    hint=to_translate(
                        "put its files into the repo: `git rm --cached` the submodule, then `git add` them"
                    ),
                )
            self._files += 1
            self._bytes += entry.size_bytes
            if self._files > _MOST_FILES:
                raise DeclarationError(
                    to_translate("this commit holds more than {most} files"),
                    hint=to_translate("keep data sets in the course's shared folder"),
                    most=_MOST_FILES,
                )
            if self._bytes > self._max_bytes:
                raise DeclarationError(
                    to_translate("this commit holds more than {most} MB"),
                    hint=to_translate(
                        "keep data sets in the course's shared folder, or raise LECTERN_PUSH_MAX_MB"
                    ),
                    most=self._max_bytes // 1_000_000,
                )


def require_usable(folder: Path) -> None:
    """See that no file of an exported commit leads out of it, and that none is a mere pointer.

    Raises
    ------
    DeclarationError
        Names the first such file.
    """
    root = folder.resolve()
    for here, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(here) / name
            shown = printable(path.relative_to(root).as_posix())
            if path.is_symlink():
                if not _is_inside(path, root):
                    raise DeclarationError(
                        to_translate("is a link to outside of the repo"),
                        where=shown,
                        hint=to_translate("put the file itself there"),
                    )
            elif path.is_file() and path.stat().st_size <= _LONGEST_POINTER:
                with path.open("rb") as file:
                    if file.read(len(_LFS)) == _LFS:
                        raise DeclarationError(
                            to_translate("is a pointer to Git LFS, not the file itself"),
                            where=shown,
                            hint=to_translate("put it in without LFS (`git lfs migrate export`)"),
                        )


def _is_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links in a circle lead nowhere
        return False
