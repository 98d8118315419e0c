"""A declaration file as a page edits it: which there are, and whether a changed one can be read."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lectern.builder.declaration import read_declaration
from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.service.repos import Repos

#: What a page offers to edit, and to begin; what else is in a repo is for git.
FILES = (
    "environment.yml",
    "requirements.txt",
    "apt.txt",
    "install.R",
    "Project.toml",
    "lectern.yml",
    "runtime.txt",
    "pyproject.toml",
    "DESCRIPTION",
    "jupytext.toml",
    "overrides.json",
    "check.md",
    "README.md",
)
_FOLDERS = ("", "binder/", ".binder/")


def editable(paths: Iterable[str]) -> list[str]:
    """Give those of a repo's files that a page edits, the most telling first."""
    there = set(paths)
    return [folder + name for name in FILES for folder in _FOLDERS if folder + name in there]


def beginnable(paths: Iterable[str]) -> list[str]:
    """Give the files that a repo lacks and a page can begin, beside those that it has."""
    there = set(paths)
    folder = next((one for one in reversed(_FOLDERS) if any(path.startswith(one) for path in there)), "")
    return [folder + name for name in FILES if folder + name not in there]


def require_editable(path: str) -> None:
    """See that a page may write a file.

    Raises
    ------
    RepoError
        It is none that a page edits.
    """
    if path not in {folder + name for folder in _FOLDERS for name in FILES}:
        raise RepoError(
            to_translate("is not edited here"), where=path[:60], hint=to_translate("change it with git")
        )


async def require_readable(
    repos: Repos, name: str, commit: str, path: str, text: str, *, max_bytes: int
) -> None:
    """See that a commit's declaration can be read with one file changed; builds nothing.

    Parameters
    ----------
    repos : Repos
        All environments' repos.
    name, commit : str
        The environment, and the full hash; empty where there is no commit yet.
    path, text : str
        The file, and what it is to hold.
    max_bytes : int
        Most that all files together may hold.

    Raises
    ------
    LecternError
        It cannot; names file and line.
    """
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside) / name
        folder.mkdir()
        if commit:
            await repos.export(name, commit, folder, max_bytes=max_bytes)
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)  # a link would lead elsewhere
        file.write_text(text, encoding="utf-8")
        await asyncio.to_thread(read_declaration, folder)
