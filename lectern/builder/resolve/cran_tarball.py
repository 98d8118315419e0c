"""What a package's own file says of it: DESCRIPTION, ready-made or not, code to compile or not."""

from __future__ import annotations

import tarfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.resolve.dcf import read_stanza

if TYPE_CHECKING:
    from pathlib import Path

_MAX_DESCRIPTION_BYTES = 1 << 20


@dataclass(frozen=True)
class Tarball:
    """A package's file, read."""

    fields: dict[str, str]  # DESCRIPTION
    built: str  # the field Built: "R 4.5.0; x86_64-pc-linux-gnu; …"; "" in a source package
    compiles: bool  # it is a source package that has code for a compiler


def read_tarball(path: Path) -> Tarball:
    """Read a package's file.

    R itself tells a ready-made package from a source package by the field Built, and so does this:
    mirrors serve both under the same name.

    Raises
    ------
    ValueError
        The file is no R package.
    """
    fields: dict[str, str] = {}
    has_code = False
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                inside = member.name.removeprefix("./").partition("/")[2]
                if inside == "DESCRIPTION" and member.isfile() and member.size <= _MAX_DESCRIPTION_BYTES:
                    file = archive.extractfile(member)
                    fields = read_stanza(file.read().decode("utf-8", "replace")) if file else {}
                elif inside.startswith("src/") and member.isfile():
                    has_code = True
    except (tarfile.TarError, EOFError, zlib.error, OSError) as problem:
        raise ValueError(f"{path.name} is no R package") from problem
    if "Package" not in fields:
        raise ValueError(f"{path.name} has no DESCRIPTION")
    built = fields.get("Built", "")
    return Tarball(fields, built, compiles=has_code and not built)
