"""DESCRIPTION: an R package's own file, in Debian's control format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.r_package import read_r_package
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Source, Text
    from lectern.builder.declare.items import Item

_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9/@.-]*):[ \t]*(?P<value>.*)", re.ASCII)
_NEEDS = ("Depends", "Imports", "LinkingTo")
_PACKAGE = re.compile(
    r"(?P<name>[A-Za-z0-9.]+)\s*(?:\(\s*(?P<operator>[<>=!]{1,2})\s*(?P<version>[\w.-]+)\s*\))?"
)
#: Parts of R itself, which no index has.
_OF_R = {
    *("R", "base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel"),
    *("splines", "stats", "stats4", "tcltk", "tools", "utils"),
}


@dataclass(frozen=True)
class Description:
    """What DESCRIPTION asks for."""

    package: Item | None = None  # the repo is this R package
    needs: tuple[Item, ...] = ()
    notices: tuple[str, ...] = ()


def is_r_package(source: Source) -> bool:
    """Say whether a repo with a DESCRIPTION is an R package, and not only a list of what it needs.

    In `binder/` it is a list: R installs the folder that has the DESCRIPTION.
    """
    return not source.folder and (source.has("R") or source.has("NAMESPACE"))


def read_description(text: Text, *, is_package: bool = True) -> Description:
    """Read an R package's DESCRIPTION.

    Parameters
    ----------
    text : Text
        The file.
    is_package : bool
        Whether the repo is an R package; else it is a list, of which its own name is only a title.

    Raises
    ------
    DeclarationError
        It is not in control format, or needs what no index has.
    """
    fields = _fields(text)
    if "Remotes" in fields:
        raise DeclarationError(
            "`Remotes` names packages that no index pins down",
            where=fields["Remotes"][0][1],
            hint="name packages of CRAN or Bioconductor under Imports; only those can be locked",
        )
    needs: dict[str, Item] = {}
    for name in _NEEDS:
        for entry, where in _entries(fields.get(name, [])):
            match = _PACKAGE.fullmatch(entry)
            if not match:
                raise DeclarationError(
                    f"`{shown(entry)}` is no R package", where=where, hint="write `dplyr` or `dplyr (>= 1.1)`"
                )
            if match["name"] not in _OF_R:
                version = f"{match['operator']}{match['version']}" if match["operator"] else ""
                needs.setdefault(match["name"], read_r_package(match["name"], version, where))
    require_few(len(needs), text.path)
    listed = tuple(needs.values())
    if not is_package or "Package" not in fields:
        return Description(needs=listed)
    try:
        return Description(_package(fields), listed)
    except DeclarationError as problem:
        told = f"{problem.where}: {problem.what}: the repo is not installed as one, what it needs is"
        return Description(needs=listed, notices=(told,))


def _fields(text: Text) -> dict[str, list[tuple[str, str]]]:
    """Give each field's lines with their file:line."""
    fields: dict[str, list[tuple[str, str]]] = {}
    lines: list[tuple[str, str]] = []
    for line, where in text.lines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace() and lines:
            lines.append((line, where))
            continue
        match = _FIELD.match(line)
        if not match:
            raise DeclarationError(
                f"`{shown(line)}` is no field",
                where=where,
                hint="write `Imports: dplyr, ggplot2`; indent further lines",
            )
        lines = fields.setdefault(match["name"], [])
        lines.append((match["value"], where))
    return fields


def _entries(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(entry.strip(), where) for line, where in lines for entry in line.split(",") if entry.strip()]


def _package(fields: dict[str, list[tuple[str, str]]]) -> Item:
    name, where = fields["Package"][0]
    version = fields.get("Version", [("", where)])[0][0].strip()
    return read_r_package(name, f"=={version}" if version else "", where)
