"""apt.txt: names of Debian packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text

# apt-get reads `git-` as "remove git" and `git+` as "install git"; `g++` is a name.
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*(?:[a-z0-9]|\+\+)")


def read_apt_txt(text: Text) -> tuple[Item, ...]:
    """Read names of Debian packages.

    Raises
    ------
    DeclarationError
        A line is no name.
    """
    found = []
    for line, where in text.lines():
        for name in line.partition("#")[0].split():
            if not _NAME.fullmatch(name):
                raise DeclarationError(
                    f"`{shown(name)}` is no name of a Debian package", where=where, hint=_hint(name)
                )
            found.append(Item(name, "", where))
            require_few(len(found), text.path)
    return tuple(found)


def _hint(name: str) -> str:
    if "=" in name or "/" in name:
        return "write the name alone: Debian has one version"
    return "write packages as Debian names them, one a line"
