"""The files of an environment repo, read so that no file can harm: text only, bounded, inside the repo."""

from __future__ import annotations

import codecs
import posixpath
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: A hand-written list of packages has at most a few hundred lines; more is a mistake or an attack.
MAX_BYTES = 256 * 1024
MAX_ENTRIES = 2000
#: Files that a tool writes (locks, requirements with hashes) are longer.
MAX_LOCK_BYTES = 4 * 1024 * 1024

#: Folders that may hold the declaration, the first that exists wins (as on mybinder.org).
_FOLDERS = ("binder", ".binder", "")
_OFTEN_OUTSIDE = ("environment.yml", "requirements.txt", "apt.txt", "install.R", "postBuild", "lectern.yml")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LFS = "version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Text:
    r"""A file's text, its line ends made `\\n`."""

    path: str  # in the repo, as errors name it
    content: str

    def where(self, line: int) -> str:
        """Give file:line, the first line being 1."""
        return f"{self.path}:{line}"

    def lines(self) -> Iterator[tuple[str, str]]:
        """Give each line with its file:line."""
        for number, line in enumerate(self.content.split("\n"), 1):
            yield line, self.where(number)


@dataclass(frozen=True)
class Source:
    """An environment repo and the folder in it that holds the declaration files."""

    repo: Path
    folder: str  # "binder", ".binder" or ""

    def path(self, name: str) -> str:
        """Give a declaration file's path in the repo."""
        return posixpath.join(self.folder, name)

    def has(self, name: str) -> bool:
        """Say whether there is anything of that name, a link to nowhere included."""
        return self.is_there(self.path(name))

    def is_there(self, path: str) -> bool:
        """Say whether the repo has anything at a path, a link to nowhere included."""
        try:
            (self.repo / path).lstat()
        except OSError:  # not there, or a name that no file can have
            return False
        return True

    def find_text(self, name: str, *, max_bytes: int = MAX_BYTES) -> Text | None:
        """Read a declaration file, if it is there."""
        return self.read_text(self.path(name), max_bytes=max_bytes) if self.has(name) else None

    def read_text(self, path: str, *, max_bytes: int = MAX_BYTES) -> Text:
        """Read a file of the repo.

        Raises
        ------
        DeclarationError
            It is not there, leads out of the repo, is no regular file, too large, or no text.
        """
        self.require_file(path)
        file = self.repo / path
        try:
            size = file.stat().st_size
            if size > max_bytes:
                raise DeclarationError(
                    f"has {size} bytes, at most {max_bytes} are read",
                    where=path,
                    hint="list only what the material uses",
                )
            data = file.read_bytes()
        except OSError as problem:
            raise unreadable(problem, path) from problem
        return Text(path, _decoded(data, path))

    def require_file(self, path: str) -> None:
        """See that a path is a regular file inside the repo.

        Raises
        ------
        DeclarationError
            It is not there, leads out of the repo, or is no regular file.
        """
        file = self.repo / path
        if not file.resolve().is_relative_to(self.repo.resolve()):
            raise DeclarationError(
                "is a link to outside of the repo", where=path, hint="put the file itself there"
            )
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise DeclarationError("is no file", where=path, hint="put a text file there")
        except OSError as problem:
            raise unreadable(problem, path) from problem

    def beside(self, base: str, path: str, where: str) -> str:
        """Give the path in the repo that is meant by a path as seen from a folder of the repo.

        Raises
        ------
        DeclarationError
            It leads out of the repo; `where` is the line that asks for it.
        """
        joined = posixpath.normpath(posixpath.join(base, path))
        if posixpath.isabs(path) or joined.split("/")[0] == "..":
            raise DeclarationError(
                f"`{shown(path)}` leads out of the repo", where=where, hint="put the file into the repo"
            )
        return joined


def open_source(repo: Path) -> Source:
    """Find the folder that holds a repo's declaration files.

    Raises
    ------
    DeclarationError
        There is no repo, or the folder cannot be looked into.
    """
    if not repo.is_dir():
        raise DeclarationError("is no folder", where=str(repo), hint="give the path of an environment repo")
    try:
        folder = next(name for name in _FOLDERS if (repo / name).is_dir())
        is_empty = not any((repo / folder).iterdir())
    except OSError as problem:
        raise unreadable(problem, repo.name) from problem
    if not (repo / folder).resolve().is_relative_to(repo.resolve()):
        raise DeclarationError(
            "is a link to outside of the repo", where=folder, hint="put the folder itself there"
        )
    if folder and is_empty and folder in _submodules(repo):
        raise DeclarationError(
            "is a git submodule, which is not fetched", where=folder, hint="put its files into the repo"
        )
    return Source(repo, folder)


def said_of_outside(source: Source) -> tuple[str, ...]:
    """Give the notice on declaration files outside of the folder that holds them all."""
    if not source.folder:
        return ()
    outside = [name for name in _OFTEN_OUTSIDE if (source.repo / name).is_file()]
    return (f"not read, as {source.folder}/ is there: {', '.join(outside)}",) if outside else ()


def unreadable(problem: OSError, where: str) -> DeclarationError:
    """Give the error for a file that the system would not read."""
    return DeclarationError(
        f"cannot be read ({problem.strerror})", where=where, hint="see that it is there and yours to read"
    )


def require_few(count: int, where: str) -> None:
    """Refuse a list that no one wrote by hand.

    Raises
    ------
    DeclarationError
        It has more than `MAX_ENTRIES`.
    """
    if count > MAX_ENTRIES:
        raise DeclarationError(
            f"has more than {MAX_ENTRIES} entries", where=where, hint="list only what is imported"
        )


def shown(value: object) -> str:
    """Write a value from a repo so that it can stand in a message: short, printable, one line."""
    try:
        text = str(value)
    except ValueError:  # a hexadecimal number of thousands of digits
        return "a number"
    return "".join(sign if sign.isprintable() else "�" for sign in text[:80])


def refusal(what: str, text: str, where: str, hint: str) -> DeclarationError:
    """Give the error of one entry that cannot be used.

    Parameters
    ----------
    what : str
        What is wrong with it: the sentence after it.
    text : str
        The entry as it is written.
    where, hint : str
        As every error has them.
    """
    return DeclarationError(f"`{shown(text)}` {what}", where=where, hint=hint)


def _submodules(repo: Path) -> set[str]:
    path = repo / ".gitmodules"
    if not path.is_file():
        return set()
    text = path.read_text(encoding="utf-8", errors="replace")
    return set(re.findall(r"^\s*path\s*=\s*(\S+)\s*$", text, re.MULTILINE))


def _decoded(data: bytes, path: str) -> str:
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # PowerShell's `>`
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise DeclarationError(
            f"is no text (byte {problem.start})", where=f"{path}:{line}", hint="save it as UTF-8"
        ) from problem
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise DeclarationError(
            f"is no text (control character {ord(control[0])})",
            where=f"{path}:{line}",
            hint="save it as plain text",
        )
    if text.startswith(_LFS):
        raise DeclarationError(
            "is a pointer of Git LFS, not the file itself",
            where=path,
            hint="keep this file in git: git lfs untrack, then add it again",
        )
    return text
