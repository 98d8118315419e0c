"""Names and versions of R packages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lectern.builder.declare.files import shown
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]", re.ASCII)
_VERSION = re.compile(r"(?:(?:==|>=|<=|>|<|!=)[0-9]+(?:[.-][0-9]+)*)?", re.ASCII)
_KINDS = re.compile(r"^(?:cran|standard|bioc|bioconductor)::")


def read_r_package(text: str, version: str, where: str) -> Item:
    """Check a package's name, which may carry pak's `bioc::` and `@1.2`.

    Raises
    ------
    DeclarationError
        It is no name that CRAN or Bioconductor could have.
    """
    name, _, exact = _KINDS.sub("", text.strip()).partition("@")
    version = f"=={exact}" if exact else version
    if "/" in name or "::" in name:
        raise DeclarationError(
            f"`{shown(text)}` is on no index of R packages",
            where=where,
            hint="name a package of CRAN or Bioconductor; only those can be locked",
        )
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise DeclarationError(
            f"`{shown(text)}{shown(version)}` is no name of an R package",
            where=where,
            hint="write it as CRAN does, such as `ggplot2`",
        )
    return Item(name, version, where)


def united(items: Iterable[Item]) -> tuple[Item, ...]:
    """Give each package once, where it stands first, with all versions that are asked of it."""
    found: dict[str, Item] = {}
    for item in items:
        before = found.get(item.name, item)
        versions = dict.fromkeys(part for part in (before.version, item.version) if part)
        found[item.name] = replace(before, version=",".join(versions))
    return tuple(found.values())
