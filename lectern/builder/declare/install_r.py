"""install.R: which packages the script would install. It is read, never run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
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
#: Their arguments are the names themselves, with or without quotes.
_LOADS = re.compile(r"(?:pacman::)?p_(?:load|install)")
_INSTALLS_VERSION = re.compile(r"(?:(?:remotes|devtools)::)?install_version")
_INSTALLS_ELSEWHERE = re.compile(
    r"(?:\w+::)?install_(?:github|gitlab|git|url|svn|bitbucket|local|dev|deps)"
    r"|(?:pacman::)?p_(?:load|install)_\w+|renv::restore|pak::local_\w+|(?:\w+::)?biocLite"
)
_READ = (_INSTALLS, _INSTALLS_ELSEWHERE)
#: Packages whose installers have names that say nothing without `library()`: `pak`, `install`, `restore`.
_BARE = {"pak", "BiocManager", "renv"}
_ATTACHES = {"library", "require"}
_APPLIES = {"lapply", "sapply", "vapply", "purrr::walk", "walk", "purrr::map", "map"}
_MAKES_LISTS = {"c", "list", "append", "union"}
#: Functions that give names of their first argument, or all; what only takes some away is read as all.
_KEEPS = {"setdiff", "intersect", "unique", "unlist", "sort", "rev", "head", "tail", "keep", "discard"}
_KEEPS |= {"as.character", "as.list", "na.omit", "invisible", "return", "character", "vector"}
#: Words that stand for no name of a package.
_WORDS = {"if", "else", "for", "in", "while", "function", "Filter", "TRUE", "FALSE", "T", "F", "NULL", "NA"}
_ASSIGNS = {"<-", "=", "<<-"}
#: What stands before a function that a pipe gives its first argument: `|>`, `%>%`.
_ENDS_OF_PIPES = {">", "%"}
#: Calls that do something to the machine; what they do is not done here.
_ACTS = re.compile(
    r"system2?|source|download\.file|untar|unzip|file\.(?:copy|rename|remove)|\w[\w.]*::install\w*"
)
_KNOWN_ACTS = {"IRkernel::installspec"}
#: So many names that stand alone are shown.
_NAMED = 8
_MIRROR = re.compile(r"cran|r-project|rstudio|posit\.co|bioconductor", re.IGNORECASE)


@dataclass(frozen=True)
class InstallR:
    """What install.R asks for."""

    packages: tuple[Item, ...] = ()
    notices: tuple[str, ...] = ()


class _Inside(Enum):
    """What stands in a bracket of an expression that gives names."""

    VALUE = auto()  # an expression whose value counts
    LIST = auto()  # the names themselves
    KEPT = auto()  # names that a function passes on; its further arguments are no names
    INDEX = auto()  # which of the names; all are read
    ELSE = auto()  # conditions, and what functions work with


@dataclass
class _Names:
    """The names that an expression gives, and whether it gives others that only R could tell."""

    items: dict[Item, None] = field(default_factory=dict)
    is_computed: bool = False
    given_to: set[str] = field(default_factory=set)  # functions of the script whose callers give more


@dataclass
class _Reading:
    """What has been found so far while a script is read from top to bottom."""

    text: Text
    code: Code
    vectors: dict[str, _Names] = field(default_factory=dict)  # variables that hold names
    assigned: dict[int, int] = field(default_factory=dict)  # depth -> end of the last assignment there
    attached: set[str] = field(default_factory=set)  # those of _BARE that library() names
    installers: set[str] = field(default_factory=set)  # the script's functions that install
    applied: set[int] = field(default_factory=set)  # where an installer stands as a function for `lapply`
    found: list[Item] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    has_installers: bool = False  # one is called, though perhaps without names

    def where(self, token: Token) -> str:
        return self.text.where(token.line)

    def function(self, position: int) -> str:
        """Give a function's name, as `package::name` where it is one of an attached package's installers."""
        name = self.code.text(position).replace(":::", "::")
        full = (f"{package}::{name}" for package in sorted(self.attached))
        return next((each for each in full if any(read.fullmatch(each) for read in _READ)), name)

    def installs(self, position: int) -> bool:
        """Say whether the function at a position installs what it is given."""
        function = self.function(position)
        return function in self.installers or bool(_INSTALLS.fullmatch(function))


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
    if not_done:
        notices: tuple[str, ...] = (f"{text.path}: only what it installs is read; not done: {not_done}",)
    else:
        notices = () if reading.has_installers else _said_of_nothing(reading)
    return InstallR(united(reading.found), notices)


def _said_of_nothing(reading: _Reading) -> tuple[str, ...]:
    """Say that a script installs nothing, and what to write for the names that stand alone in it."""
    tokens = [token for token in reading.code.tokens if token.text != ";"]
    if all(token.kind == "newline" for token in tokens):
        return ()
    around = [None, *tokens, None]
    bare = [
        token.text.strip("\"'")
        for before, token, after in zip(around, tokens, around[2:], strict=False)
        if token.kind in {"name", "string"}
        and not token.depth
        and all(each is None or each.kind == "newline" for each in (before, after))
    ]
    listed = [f'"{shown(name)}"' for name in bare[:_NAMED]] or ['"dplyr"', '"ggplot2"']
    more = ["…"] if len(bare) > _NAMED else []
    why = "names alone do nothing in R, so " if bare else ""
    way = f"write `install.packages(c({', '.join(listed + more)}))`"
    return (f"{reading.text.path}: installs nothing: {why}{way}",)


def _read(reading: _Reading, position: int) -> int:
    """Read what begins at a position; give the position to go on from."""
    code, token = reading.code, reading.code.tokens[position]
    following = code.text(position + 1)
    if token.kind != "name":
        return position + 1
    if following in _ASSIGNS and position >= reading.assigned.get(token.depth, 0):
        end = code.end_of_line(position + 2)
        reading.assigned[token.depth] = end
        if parameters := _parameters(code, position + 2):
            reading.vectors |= dict.fromkeys(parameters, _Names(given_to={token.text}))
        else:
            reading.vectors[token.text] = _names(reading, position + 2, end)
        return position + 2
    if following == "(":
        return _read_call(reading, position)
    if _INSTALLS.fullmatch(reading.code.text(position)) and position not in reading.applied:
        _found(reading, token, _Names(is_computed=True))
    return position + 1


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
        _apply(reading, token, position + 1)
    elif _INSTALLS_ELSEWHERE.fullmatch(function):
        raise DeclarationError(
            f"`{shown(token.text)}` installs what no index pins down",
            where=reading.where(token),
            hint='name packages of CRAN: `install.packages(c("dplyr", "ggplot2"))`; only those can be locked',
        )
    elif _LOADS.fullmatch(function):
        _found(reading, token, _loaded(reading, position + 1))
    elif reading.installs(position) or _INSTALLS_VERSION.fullmatch(function):
        if code.text(position - 1) in _ENDS_OF_PIPES:
            _found(reading, token, _Names(is_computed=True))
        _install(reading, token, position + 1)
        return code.closing[position + 1] + 1
    elif function in _KNOWN_ACTS:
        reading.has_installers = True
    elif _ACTS.fullmatch(function):
        reading.not_done.append(f"`{shown(token.text)}` (line {token.line})")
    return position + 1


def _parameters(code: Code, position: int) -> list[str]:
    """Name the parameters of the function that is written at a position; none where there is no function."""
    if code.text(position) not in {"function", "\\"} or code.text(position + 1) != "(":
        return []
    return [code.text(first) for first, _ in code.arguments(position + 1)]


def _apply(reading: _Reading, call: Token, opening: int) -> None:
    """Read `lapply(names, f)`: each of the names is given to a function, a known one or one written there."""
    code = reading.code
    arguments = code.arguments(opening)
    if len(arguments) < 2:  # noqa: PLR2004 - what is applied, and to what
        return
    given, (function, _), *_ = arguments
    if parameters := _parameters(code, function):
        reading.vectors[parameters[0]] = _names(reading, *given)
    elif reading.installs(function):
        reading.applied.add(function)
        _found(reading, call, _names(reading, *given))


def _loaded(reading: _Reading, opening: int) -> _Names:
    """Give what `p_load(dplyr, "zoo", char = names)` loads; its other arguments say how."""
    code, found = reading.code, _Names()
    for first, last in code.arguments(opening):
        if code.text(first + 1) == "=":
            given = _names(reading, first + 2, last) if code.text(first) == "char" else _Names()
        elif last - first == 1 and code.kind(first) == "name":
            given = _Names({Item(code.text(first), "", reading.where(code.tokens[first])): None})
        else:
            given = _names(reading, first, last)
        found.items |= given.items
        found.is_computed |= given.is_computed
    return found


def _install(reading: _Reading, call: Token, opening: int) -> None:
    """Read a call's packages: its first argument or `pkgs=`; and the version of install_version."""
    code, reading.has_installers = reading.code, True
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
    items = list(names.items)
    if _INSTALLS_VERSION.fullmatch(call.text.replace(":::", "::")):
        span = named.get("version") or (plain[0] if plain else None)
        version = code.tokens[span[0]] if span else None
        if version is None or version.kind != "string" or len(items) != 1:
            raise DeclarationError(
                f"`{call.text}` names no version",
                where=reading.where(call),
                hint='write `install_version("x", "1.2")`',
            )
        names = _Names({Item(items[0].name, f"=={version.text[1:-1]}", items[0].where): None})
    _found(reading, call, names)


def _notice_repository(reading: _Reading, call: Token, span: tuple[int, int]) -> None:
    strings = [token.text for token in reading.code.tokens[slice(*span)] if token.kind == "string"]
    if any(not _MIRROR.search(text) for text in strings):
        reading.not_done.append(f"`repos` (line {call.line}): packages come from this installation's CRAN")


def _found(reading: _Reading, call: Token, names: _Names) -> None:
    reading.has_installers = True
    reading.installers |= names.given_to
    if names.is_computed or not (names.items or names.given_to):
        raise DeclarationError(
            f"`{shown(call.text)}` is given names that are computed",
            where=reading.where(call),
            hint='write them out: `install.packages(c("dplyr", "ggplot2"))`',
        )
    reading.found += [read_r_package(item.name, item.version, item.where) for item in names.items]


def _names(reading: _Reading, start: int, end: int) -> _Names:
    """Give the names in an expression: a string, `c("a", "b")`, variables that hold such."""
    tokens = [token for token in reading.code.tokens[start:end] if token.kind != "newline"]
    if len(tokens) == 1 and tokens[0].kind == "string":
        return _Names({Item(tokens[0].text[1:-1], "", reading.where(tokens[0])): None})
    names = _Names()
    inside = [_Inside.VALUE]
    before = ""
    for token, following in zip(tokens, [*(token.text for token in tokens[1:]), ""], strict=False):
        if token.kind == "sign" and token.text in "([{":
            inside.append(_inside(inside[-1], before, token.text))
        elif token.kind == "sign" and token.text in ")]}":
            inside.pop()
        elif token.text == "," and inside[-1] is _Inside.KEPT:
            inside[-1] = _Inside.ELSE
        elif token.kind == "string" and inside[-1] is _Inside.LIST:
            names.items[Item(token.text[1:-1], "", reading.where(token))] = None
        elif token.kind == "name" and inside[-1] is not _Inside.INDEX and before not in {"$", "@"}:
            _take(reading, names, token.text, following, is_value=inside[-1] is not _Inside.ELSE)
        before = token.text
    return names


def _inside(around: _Inside, before: str, bracket: str) -> _Inside:
    """Say what stands in a bracket, from what is around and before it."""
    if bracket == "[" or around is _Inside.INDEX:
        return _Inside.INDEX
    if bracket == "(" and before in _MAKES_LISTS:
        return _Inside.LIST
    if bracket == "(" and _bare(before) in _KEEPS:
        return _Inside.KEPT
    return _Inside.ELSE if bracket == "(" and re.match(r"[A-Za-z.]", before) and before != "else" else around


def _take(reading: _Reading, names: _Names, name: str, following: str, *, is_value: bool) -> None:
    """Take over what a variable holds; a function or a variable that is not known here computes names."""
    known = reading.vectors.get(name)
    if known:
        names.items |= known.items
        names.given_to |= known.given_to
        names.is_computed |= known.is_computed and (is_value or bool(known.items))
    elif is_value and following not in _ASSIGNS and name not in _WORDS:
        names.is_computed |= following != "(" or not (name in _MAKES_LISTS or _bare(name) in _KEEPS)


def _bare(function: str) -> str:
    return function.rpartition(":")[2]
