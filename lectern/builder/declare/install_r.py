"""install.R: which packages the script would install. It is read, never run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.items import Item
from lectern.builder.declare.r_package import read_r_package, united
from lectern.builder.declare.r_tokens import read_code
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text
    from lectern.builder.declare.r_tokens import Code, Token

_INSTALLS = re.compile(
    r"(?:utils::)?install\.packages|BiocManager::install|pak::(?:pak|pkg_install)|renv::install"
    r"|(?:(?:remotes|devtools)::)?install_(?:cran|bioc)"
)
_INSTALLS_VERSION = re.compile(r"(?:(?:remotes|devtools)::)?install_version")
_INSTALLS_ELSEWHERE = re.compile(
    r"(?:\w+::)?install_(?:github|gitlab|git|url|svn|bitbucket|local|dev|deps)"
    r"|(?:pacman::)?p_(?:load|install)(?:_\w+)?|renv::restore|pak::local_\w+|(?:\w+::)?biocLite"
)
_READ = (_INSTALLS, _INSTALLS_ELSEWHERE)
#: Packages whose installers have names that say nothing without `library()`: `pak`, `install`, `restore`.
_BARE = {"pak", "BiocManager", "renv"}
_ATTACHES = {"library", "require"}
_APPLIES = {"lapply", "sapply", "vapply", "purrr::walk", "walk"}
_MAKES_LISTS = {"c", "list"}
_ASSIGNS = {"<-", "=", "<<-"}
#: Calls that do something to the machine; what they do is not done here.
_ACTS = re.compile(
    r"system2?|source|download\.file|untar|unzip|file\.(?:copy|rename|remove)|\w[\w.]*::install\w*"
)
_KNOWN_ACTS = {"IRkernel::installspec"}
_MIRROR = re.compile(r"cran|r-project|rstudio|posit\.co|bioconductor", re.IGNORECASE)


@dataclass(frozen=True)
class InstallR:
    """What install.R asks for."""

    packages: tuple[Item, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What has been found so far while a script is read from top to bottom."""

    text: Text
    code: Code
    vectors: dict[str, list[Item]] = field(default_factory=dict)  # variables that hold names
    assigned: dict[int, int] = field(default_factory=dict)  # depth -> end of the last assignment there
    attached: set[str] = field(default_factory=set)  # those of _BARE that library() names
    found: list[Item] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)

    def where(self, token: Token) -> str:
        return self.text.where(token.line)

    def function(self, position: int) -> str:
        """Give a function's name, as `package::name` where it is one of an attached package's installers."""
        name = self.code.text(position).replace(":::", "::")
        full = (f"{package}::{name}" for package in sorted(self.attached))
        return next((each for each in full if any(read.fullmatch(each) for read in _READ)), name)


def read_install_r(text: Text) -> InstallR:
    """Read the packages that install.R names in its calls of `install.packages` and its like.

    Raises
    ------
    DeclarationError
        A name is computed, or comes from where nothing can be locked (GitHub, an address).
    """
    reading = _Reading(text, read_code(text))
    position = 0
    while position < len(reading.code.tokens):
        position = _read(reading, position)
    require_few(len(reading.found), text.path)
    not_done = ", ".join(dict.fromkeys(reading.not_done))
    notices = (f"{text.path}: only what it installs is read; not done: {not_done}",) if not_done else ()
    return InstallR(united(reading.found), notices)


def _read(reading: _Reading, position: int) -> int:
    """Read what begins at a position; give the position to go on from."""
    code, token = reading.code, reading.code.tokens[position]
    following = code.text(position + 1)
    if token.kind != "name":
        return position + 1
    if following in _ASSIGNS and position >= reading.assigned.get(token.depth, 0):
        end = code.end_of_line(position + 2)
        reading.assigned[token.depth] = end
        reading.vectors[token.text] = _names(reading, position + 2, end)
        return position + 2
    return _read_call(reading, position) if following == "(" else position + 1


def _read_call(reading: _Reading, position: int) -> int:
    """Read the call of a function; give the position to go on from."""
    code, token, function = reading.code, reading.code.tokens[position], reading.function(position)
    if token.text == "for" and code.kind(position + 2) == "name" and code.text(position + 3) == "in":
        # for (package in packages): the variable stands for each of them.
        variable = code.text(position + 2)
        reading.vectors[variable] = _names(reading, position + 4, code.closing[position + 1])
    elif function in _ATTACHES:
        reading.attached |= {code.text(position + 2).strip("\"'")} & _BARE
    elif function in _APPLIES:
        arguments = code.arguments(position + 1)
        if len(arguments) > 1 and _INSTALLS.fullmatch(reading.function(arguments[1][0])):
            _found(reading, token, _names(reading, *arguments[0]))
    elif _INSTALLS_ELSEWHERE.fullmatch(function):
        raise DeclarationError(
            f"`{shown(token.text)}` installs what no index pins down",
            where=reading.where(token),
            hint='name packages of CRAN: `install.packages(c("dplyr", "ggplot2"))`; only those can be locked',
        )
    elif _INSTALLS.fullmatch(function) or _INSTALLS_VERSION.fullmatch(function):
        _install(reading, token, position + 1)
        return code.closing[position + 1] + 1
    elif _ACTS.fullmatch(function) and function not in _KNOWN_ACTS:
        reading.not_done.append(f"`{shown(token.text)}` (line {token.line})")
    return position + 1


def _install(reading: _Reading, call: Token, opening: int) -> None:
    """Read a call's packages: its first argument or `pkgs=`; and the version of install_version."""
    code = reading.code
    named: dict[str, tuple[int, int]] = {}
    plain: list[tuple[int, int]] = []
    for first, last in code.arguments(opening):
        if code.text(first + 1) == "=":
            named[code.text(first)] = (first + 2, last)
        else:
            plain.append((first, last))
    if "repos" in named:
        _notice_repository(reading, call, named["repos"])
    packages = next((named[key] for key in ("pkgs", "package", "pkg", "packages") if key in named), None)
    packages = packages or (plain.pop(0) if plain else None)
    if not packages:
        return  # BiocManager::install() and BiocManager::install(version = "3.20") bring nothing new
    names = _names(reading, *packages)
    if _INSTALLS_VERSION.fullmatch(call.text.replace(":::", "::")):
        span = named.get("version") or (plain[0] if plain else None)
        version = code.tokens[span[0]] if span else None
        if version is None or version.kind != "string" or len(names) != 1:
            raise DeclarationError(
                f"`{call.text}` names no version",
                where=reading.where(call),
                hint='write `install_version("x", "1.2")`',
            )
        names = [Item(names[0].name, f"=={version.text[1:-1]}", names[0].where)]
    _found(reading, call, names)


def _notice_repository(reading: _Reading, call: Token, span: tuple[int, int]) -> None:
    strings = [token.text for token in reading.code.tokens[slice(*span)] if token.kind == "string"]
    if any(not _MIRROR.search(text) for text in strings):
        reading.not_done.append(f"`repos` (line {call.line}): packages come from this installation's CRAN")


def _found(reading: _Reading, call: Token, names: list[Item]) -> None:
    if not names:
        raise DeclarationError(
            f"`{shown(call.text)}` is given names that are computed",
            where=reading.where(call),
            hint='write them out: `install.packages(c("dplyr", "ggplot2"))`',
        )
    reading.found += [read_r_package(item.name, item.version, item.where) for item in names]


def _names(reading: _Reading, start: int, end: int) -> list[Item]:
    """Give the names in an expression: a string, `c("a", "b")`, variables that hold such."""
    tokens = [token for token in reading.code.tokens[start:end] if token.kind != "newline"]
    if len(tokens) == 1 and tokens[0].kind == "string":
        return [Item(tokens[0].text[1:-1], "", reading.where(tokens[0]))]
    found: dict[Item, None] = {}
    lists: list[bool] = []  # of each open bracket: is it a list of names
    before = ""
    for token in tokens:
        if token.kind == "sign" and token.text in "([{":
            lists.append(before in _MAKES_LISTS)
        elif token.kind == "sign" and token.text in ")]}":
            lists.pop()
        elif token.kind == "string" and lists and lists[-1]:
            found[Item(token.text[1:-1], "", reading.where(token))] = None
        elif token.kind == "name":
            found |= dict.fromkeys(reading.vectors.get(token.text, ()))
        before = token.text
    return list(found)
