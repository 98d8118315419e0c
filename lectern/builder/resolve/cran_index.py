"""What a CRAN mirror offers: its index, its archive's listing, the offers in them. Pure."""

from __future__ import annotations

import gzip
import html
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lectern.builder.resolve.dcf import read_stanza, split_stanzas
from lectern.builder.resolve.r_version import (
    Constraint,
    Dependency,
    is_package_name,
    is_version,
    parse_dependencies,
    version_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRIB = "src/contrib"
INDEX = f"{CONTRIB}/PACKAGES.gz"

_NEEDED = ("Depends", "Imports", "LinkingTo")
_SUBFOLDER = re.compile(r"[A-Za-z0-9_-][\w.-]*(?:/[A-Za-z0-9_-][\w.-]*)*", re.ASCII)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Offer:
    """One version of a package on a mirror."""

    name: str
    version: str
    mirror: str  # "cran_binaries" | "cran"
    path: str  # below the mirror's address
    md5: str  # "" when the mirror does not say
    needs: tuple[Dependency, ...]  # without R itself
    r: tuple[Constraint, ...]  # which R it runs on

    def runs_on(self, r_version: str) -> bool:
        """Say whether the package is for this R."""
        return all(constraint.admits(r_version) for constraint in self.r)


def read_offer(fields: Mapping[str, str], *, mirror: str, path: str) -> Offer:
    """Make an offer of a record in PACKAGES or a DESCRIPTION.

    Raises
    ------
    ValueError
        Name, version or dependencies are not what R takes.
    """
    name, version = fields.get("Package", ""), fields.get("Version", "")
    if not is_package_name(name) or not is_version(version):
        raise ValueError(f"`{name[:60]}` `{version[:60]}` is no package and version")
    needed = [need for field in _NEEDED for need in parse_dependencies(fields.get(field, ""))]
    return Offer(
        name,
        version,
        mirror,
        path,
        md5=fields.get("MD5sum", ""),
        needs=tuple(need for need in needed if need.name != "R"),
        r=tuple(need.constraint for need in needed if need.name == "R"),
    )


class Index:
    """A mirror's PACKAGES. A record is read when it is asked for: there are 20,000 and few are needed.

    Parameters
    ----------
    packed : bytes
        PACKAGES.gz.
    mirror : str
        The mirror's name in offers.

    Raises
    ------
    ValueError
        It is no such file.
    """

    def __init__(self, packed: bytes, mirror: str) -> None:
        try:
            text = gzip.decompress(packed).decode("utf-8", "replace")
        except (OSError, EOFError, zlib.error) as problem:
            raise ValueError("PACKAGES.gz is not packed as it should be") from problem
        if not text.strip():
            raise ValueError("PACKAGES.gz lists no package")
        self._mirror = mirror
        self._stanzas: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}  # in lower case → as CRAN writes it
        for stanza in split_stanzas(text):
            first = stanza.split("\n", 1)[0]
            if first.startswith("Package:") and is_package_name(name := first[len("Package:") :].strip()):
                self._stanzas.setdefault(name.lower(), []).append(stanza)
                self.names[name.lower()] = name

    def find(self, name: str) -> list[Offer]:
        """Give a package's offers, newest first; the name's case does not matter.

        Raises
        ------
        ValueError
            The package's record cannot be read.
        """
        offers = []
        for stanza in self._stanzas.get(name.lower(), ()):
            fields = read_stanza(stanza)
            folder = fields.get("Path", "")
            if folder and not _SUBFOLDER.fullmatch(folder):
                raise ValueError(f"`{folder[:60]}` is no folder of a mirror")
            file = f"{fields.get('Package')}_{fields.get('Version')}.tar.gz"
            path = "/".join(part for part in (CONTRIB, folder, file) if part)
            offers.append(read_offer(fields, mirror=self._mirror, path=path))
        return sorted(offers, key=lambda offer: version_key(offer.version), reverse=True)


def archive_folder(name: str) -> str:
    """Give where a mirror keeps a package's past versions."""
    return f"{CONTRIB}/Archive/{name}/"


def archived_file(name: str, version: str) -> str:
    """Give the path of a past version."""
    return f"{archive_folder(name)}{name}_{version}.tar.gz"


def read_archive_listing(page: str, name: str) -> tuple[str, ...]:
    """Read the versions of a package off the web page of its archive, newest first."""
    file = re.compile(rf"{re.escape(name)}_([0-9.-]+)\.tar\.gz")
    links = (unquote(html.unescape(link)).rpartition("/")[2] for link in _HREF.findall(page))
    versions = {match[1] for link in links if (match := file.fullmatch(link)) and is_version(match[1])}
    return tuple(sorted(versions, key=lambda version: (version_key(version), version), reverse=True))
