"""CRAN as the lock sees it: present offers, past versions, files; several mirrors behind one face."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from lectern.builder.resolve.cran_index import (
    INDEX,
    Index,
    Offer,
    archive_folder,
    archived_file,
    read_archive_listing,
    read_offer,
)
from lectern.builder.resolve.cran_mirror import Mirror, NotOnMirrorError, md5_of
from lectern.builder.resolve.cran_tarball import Tarball, read_tarball

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Of a mirror with dates (Posit's layout), the end of an address that means today.
_TODAY = "/latest"


def addresses(cran: str, cran_binaries: str, snapshot: str) -> dict[str, str]:
    """Give the mirrors' addresses by their names in a lock, in the order in which they are asked.

    Parameters
    ----------
    cran, cran_binaries : str
        As in the settings; the latter may be empty.
    snapshot : str
        A date, 2024-05-01: mirrors that keep CRAN's past days are asked for that one, and no others;
        empty for today's CRAN.
    """
    given = {"cran_binaries": cran_binaries.rstrip("/"), "cran": cran.rstrip("/")}
    if not snapshot:
        return {name: address for name, address in given.items() if address}
    return {
        name: f"{address.removesuffix(_TODAY)}/{snapshot}"
        for name, address in given.items()
        if address.endswith(_TODAY)
    }


class CranSource:
    """What the mirrors have; asks them only for what is looked at.

    Its methods raise `MirrorDownError` where a mirror cannot be asked, `ValueError` where an answer
    cannot be read.
    """

    def __init__(self, mirrors: Mapping[str, str], cache: Path, *, r_version: str) -> None:
        self._mirrors = {
            name: Mirror(address, cache, r_version=r_version) for name, address in mirrors.items()
        }

    @functools.cached_property
    def _indexes(self) -> tuple[Index, ...]:
        return tuple(Index(mirror.fetch(INDEX).read_bytes(), name) for name, mirror in self._mirrors.items())

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """Give all names, in lower case → as CRAN writes them."""
        return {key: name for index in self._indexes for key, name in index.names.items()}

    def offers(self, name: str) -> list[Offer]:
        """Give a package's present offers, those of the mirror that is asked first in front."""
        return [offer for index in self._indexes for offer in index.find(name)]

    def past_versions(self, name: str) -> tuple[str, ...]:
        """Give the versions in a package's archive, newest first; none where no mirror lists them."""
        for mirror in self._mirrors.values():
            try:
                page = mirror.fetch(archive_folder(name))
            except NotOnMirrorError:
                continue
            if versions := read_archive_listing(page.read_text(encoding="utf-8", errors="replace"), name):
                return versions
        return ()

    def past_offer(self, name: str, version: str) -> Offer | None:
        """Give a past version; its dependencies stand in its own file, so that is fetched."""
        path = archived_file(name, version)
        for mirror_name, mirror in self._mirrors.items():
            try:
                tarball = read_tarball(mirror.fetch(path))
            except NotOnMirrorError:
                continue
            return read_offer(tarball.fields, mirror=mirror_name, path=path)
        return None

    def tarball(self, offer: Offer) -> tuple[Path, Tarball]:
        """Fetch and read an offer's file."""
        path = self._mirrors[offer.mirror].fetch(offer.path, md5=offer.md5)
        tarball = read_tarball(path)
        # Of a ready-made package the index has the source package's digest.
        if offer.md5 and not tarball.built and md5_of(path) != offer.md5:
            raise ValueError(f"{offer.path} is not what the mirror's index says; it may be copying just now")
        return path, tarball
