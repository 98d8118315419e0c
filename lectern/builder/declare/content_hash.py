"""One hash for all that a folder holds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lectern.builder.declare.files import unreadable

if TYPE_CHECKING:
    from pathlib import Path


def content_hash(repo: Path) -> str:
    """Give 12 hex digits that stand for the content of a folder: names and bytes, no times.

    A link counts as the text that it is: what lies outside of the repo is never read.

    Raises
    ------
    DeclarationError
        A file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(repo.rglob("*")):
        relative = path.relative_to(repo)
        if ".git" in relative.parts:
            continue
        try:
            if path.is_symlink():
                content = "@" + hashlib.sha256(bytes(path.readlink())).hexdigest()
            elif path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                continue
        except OSError as problem:
            raise unreadable(problem, relative.as_posix()) from problem
        digest.update(f"{relative.as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:12]
