"""The `lectern.lock` that an environment repo brings: honoured as long as it answers the repo's declaration.

Whoever commits a lock chooses versions and nothing else: it is held against the declaration, and each of its
lines against its form, before any of it reaches a step of a build.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lectern.builder.declare.files import open_source
from lectern.builder.lock import NotALockError, read_lock
from lectern.builder.resolve.python_version import OFFERED
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.lock import Lock

FILE = "lectern.lock"

_AGAIN = "`scripts/lectern lock PATH` prints one that can be committed"
_HASH = r"--hash=sha256:[0-9a-f]{64}"
_REST = rf"( ; [^\\]*?)?( {_HASH})*(\s*\\)?"
_PYTHON = re.compile(rf"\s*(#.*)?|\s*{_HASH}(\s*\\)?|[A-Za-z0-9][\w.-]*==[\w.!+-]+{_REST}", re.ASCII)
_DIRECT = re.compile(
    rf"\s*(#.*)?|[A-Za-z0-9][\w.-]*(\[[\w,.-]*\])? @ (git\+)?https://[\w.~:/@%+=#&?-]+{_REST}|\s*{_HASH}(\s*\\)?",
    re.ASCII,
)
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9.+-]*(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9._+-]*", re.ASCII)
_PATH = re.compile(r"(?!.*\.\.)[A-Za-z0-9._+/-]+", re.ASCII)


def find_committed(declaration: Declaration, asked: str, repo: Path) -> tuple[Lock | None, tuple[str, ...]]:
    """Give the repo's own lock where it answers its declaration, and what is to be said of it.

    Parameters
    ----------
    declaration : Declaration
        What the repo holds.
    asked : str
        The declaration's fingerprint.
    repo : Path
        The environment repo, for the file's name in messages.

    Raises
    ------
    DeclarationError
        The file is no lock, or holds what no lock can.
    """
    text = declaration.texts.get(FILE)
    if text is None:
        return None, ()
    where = open_source(repo).path(FILE)
    try:
        lock = read_lock(text, where=where)
    except NotALockError as problem:
        raise DeclarationError(problem.what, where=where, hint=f"remove it; {_AGAIN}") from problem
    if lock.asked != asked:
        return None, (f"{where}: answers an earlier declaration, so versions are chosen anew; {_AGAIN}",)
    if wrong := _find_wrong(lock, declaration):
        raise DeclarationError(
            f"holds what no lock can: {wrong!r}"[:200], where=where, hint=f"remove it; {_AGAIN}"
        )
    return replace(lock, notices=()), ()


def _find_wrong(lock: Lock, declaration: Declaration) -> str | None:
    """Give a part of a lock that has not the form of such a part."""
    python, r, julia = lock.python, lock.r, lock.julia
    checks: list[tuple[re.Pattern[str], Iterable[str]]] = [
        (_DEBIAN, (*lock.debian, *r.debian, *r.system)),
        (_PYTHON, [*lock.pip.splitlines(), *(python.requirements.splitlines() if python else ())]),
        (_DIRECT, python.direct.splitlines() if python else ()),
        (_PATH, [*(one.path for one in r.cran), *(one.path for one in (julia.archives if julia else ()))]),
        (
            _WORD,
            [*(one.sha256 for one in r.cran), *(one.sha256 for one in (julia.archives if julia else ()))],
        ),
        (_WORD, [r.snapshot, *lock.languages]),
    ]
    for form, parts in checks:
        if (wrong := next((part for part in parts if not form.fullmatch(part)), None)) is not None:
            return wrong
    if python and python.python not in OFFERED:
        return python.python
    asked = {item.name for item in declaration.local}
    return next((folder for folder in lock.local if folder not in asked), None)
