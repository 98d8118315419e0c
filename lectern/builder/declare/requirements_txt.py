"""requirements.txt and the `pip:` part of environment.yml, in pip's full line syntax."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import TYPE_CHECKING

from lectern.builder.declare.files import MAX_LOCK_BYTES, refusal, require_few
from lectern.builder.declare.items import Item, Requirement
from lectern.builder.declare.local_project import read_local
from lectern.builder.declare.requirement import read_requirement, require_address, require_no_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lectern.builder.declare.files import Source, Text

_OPTION = re.compile(r"(?P<name>--[a-z-]+|-[a-zA-Z])(?:\s*=\s*|\s+)?(?P<value>.*)", re.ASCII | re.DOTALL)
_HASH = re.compile(r"\s--hash[= ]\w+:[0-9a-fA-F]+")
_LOCAL = re.compile(r"[./]|file:|[A-Za-z]:\\|[\w-][\w.-]*/", re.ASCII)

_LONG = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-f": "--find-links",
}
_WITH_ADDRESS = {"--index-url", "--extra-index-url", "--find-links"}
_WITH_NAMES = {"--no-binary", "--only-binary"}
_PLAIN = {"--pre"}
_WITHOUT_EFFECT = {
    "--trusted-host",
    "--use-feature",
    "--prefer-binary",
    "--require-hashes",
    "--no-index",
    "--no-cache-dir",
    "--process-dependency-links",
    "--upgrade",
    "-U",
}


@dataclass(frozen=True)
class PipLines:
    """What lines for pip ask for."""

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    options: tuple[Item, ...] = ()
    local: tuple[Item, ...] = ()
    dead: tuple[str, ...] = ()  # what has no effect here
    notices: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # that were read

    def __add__(self, other: PipLines) -> PipLines:
        """Give both."""
        return joined((self, other))


def joined(parts: Collection[PipLines]) -> PipLines:
    """Make one of many, in their order."""
    return PipLines(
        *(
            tuple(chain.from_iterable(getattr(part, field.name) for part in parts))
            for field in fields(PipLines)
        )
    )


@dataclass(frozen=True)
class Reader:
    """Reads lines for pip; files that they name are read too."""

    source: Source
    folder: str  # where local projects are seen from
    open_files: tuple[str, ...] = ()  # files that are being read, to notice circles
    is_constraint: bool = False
    seen: set[tuple[str, bool]] = field(default_factory=set)  # files that lines have named so far

    def read_file(self, text: Text) -> PipLines:
        """Read a whole file.

        Raises
        ------
        DeclarationError
            A line cannot be used.
        """
        inside = replace(self, open_files=(*self.open_files, text.path))
        return PipLines(files=(text.path,)) + inside.read_lines(text, _logical_lines(text))

    def read_lines(self, text: Text, lines: Iterable[tuple[str, str]]) -> PipLines:
        """Read lines, each with its file:line.

        Raises
        ------
        DeclarationError
            A line cannot be used.
        """
        found = []
        for line, where in lines:
            bare = re.sub(r"(^|\s)#.*", "", line)
            stripped = _HASH.sub("", bare).strip()
            if stripped:
                found.append(self._line(stripped, text, where))
                require_few(len(found), text.path)
            if stripped != bare.strip():
                found.append(PipLines(dead=("--hash",)))
        return joined(found)

    def _line(self, line: str, text: Text, where: str) -> PipLines:
        require_no_secret(line, where)
        if line.startswith("-"):
            return self._option(line, text, where)
        if _LOCAL.match(line):
            return self._local(line, where, kind="")
        if re.search(r"\s--\w", line):
            raise refusal("has an option of a single package", line, where, "write the requirement alone")
        requirement = read_requirement(line, where)
        return PipLines(constraints=(requirement,)) if self.is_constraint else PipLines((requirement,))

    def _option(self, line: str, text: Text, where: str) -> PipLines:
        match = _OPTION.fullmatch(line)
        name = _LONG.get(match["name"], match["name"]) if match else ""
        value = match["value"].strip().strip("'\"") if match else ""
        if name == "--requirement":
            return self._file(value, text, where, is_constraint=self.is_constraint)
        if name == "--constraint":
            return self._file(value, text, where, is_constraint=True)
        if name == "--editable" and "://" not in value:
            return self._local(value, where, kind="editable")
        if name == "--editable":  # a checkout would not be part of the lock
            return PipLines((read_requirement(value, where),))
        return _setting(name, value, line, where)

    def _file(self, value: str, text: Text, where: str, *, is_constraint: bool) -> PipLines:
        if "://" in value or not value:
            raise refusal("is no file of the repo", value, where, "put the file into the repo")
        path = self.source.beside(posixpath.dirname(text.path), value.removeprefix("file:"), where)
        if path in self.open_files:
            raise refusal("includes itself", value, where, "take this line out")
        if not self.source.is_there(path):
            raise refusal("is not there", path, where, "paths are seen from the file that names them")
        if (path, is_constraint) in self.seen:
            return PipLines()
        self.seen.add((path, is_constraint))
        inside = replace(self, is_constraint=is_constraint)
        return inside.read_file(self.source.read_text(path, max_bytes=MAX_LOCK_BYTES))

    def _local(self, value: str, where: str, *, kind: str) -> PipLines:
        local = read_local(self.source, self.folder, value, where)
        item = Item(local.folder, kind, where)
        return PipLines(
            requirements=local.requirements, local=(item,), notices=local.notices, files=local.files
        )


def _setting(name: str, value: str, line: str, where: str) -> PipLines:
    """Read an option that says where or how pip looks for packages."""
    if name in _WITH_ADDRESS and value.startswith((".", "/", "file:")):
        raise refusal("names a folder", line, where, "give the address of a page with packages")
    if name in _WITH_ADDRESS:
        return PipLines(options=(Item(name, require_address(value, where), where),))
    if name in _WITH_NAMES and re.fullmatch(r"[A-Za-z0-9:._,-]+", value, re.ASCII):
        return PipLines(options=(Item(name, value, where),))
    if name in _PLAIN and not value:
        return PipLines(options=(Item(name, "", where),))
    if name in _WITHOUT_EFFECT:
        return PipLines(dead=(name,))
    raise refusal("is no option that is read here", line, where, "write a requirement such as `pandas>=2`")


def _logical_lines(text: Text) -> Iterable[tuple[str, str]]:
    """Join lines that end in a backslash; the first one's line counts. Comments end no line's join."""
    joined, first = "", ""
    for line, where in text.lines():
        first = first or where
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            joined += line[:-1] + " "
            continue
        yield joined + line, first
        joined, first = "", ""
    if joined:
        yield joined, first
