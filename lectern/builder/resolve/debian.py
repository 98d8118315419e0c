"""What Debian has: the package lists of the configured archive, read without apt.

Names and versions only: apt itself checks signatures when it installs. A builder's sources are those of
its base image, so they name the mirror; elsewhere the machine's own serve if they are trixie's.
"""

from __future__ import annotations

import gzip
import lzma
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from lectern.builder.resolve.kept_answers import keep, read_kept
from lectern.builder.resolve.simple_index import unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What images are made of; another release's packages say nothing about ours.
RELEASE = "trixie"
SOURCES = Path("/etc/apt/sources.list.d")

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_TIMEOUT_S = (5, 60)
#: Younger than this, kept lists are used without asking: a stable release changes about once a day.
_FRESH_S = 3600


@dataclass(frozen=True, order=True)
class PackageList:
    """Where one list of packages lies."""

    archive: str  # address of the archive
    suite: str
    component: str

    @property
    def folder(self) -> str:
        """Give the address of the list's folder."""
        architecture = _ARCHITECTURES.get(platform.machine(), platform.machine())
        return f"{self.archive.rstrip('/')}/dists/{self.suite}/{self.component}/binary-{architecture}"


@dataclass(frozen=True)
class Debian:
    """The packages of trixie, with the one version that would be installed."""

    versions: dict[str, str]  # "" for a virtual package

    def find_version(self, package: str) -> str | None:
        """Give the version of a package, "" for a virtual one, None when there is none."""
        return self.versions.get(package)


def find_lists(folder: Path = SOURCES) -> tuple[PackageList, ...]:
    """Give the package lists of trixie that a machine's apt uses.

    Parameters
    ----------
    folder : Path
        Where apt's sources lie, in the form that Debian 12 and later write (deb822).
    """
    found = set()
    for path in sorted(folder.glob("*.sources")):
        for stanza in _stanzas(path.read_text(encoding="utf-8")):
            if "deb" not in stanza.get("types", "").split() or stanza.get("enabled", "yes").lower() == "no":
                continue
            found |= {
                PackageList(archive, suite, component)
                for archive in stanza.get("uris", "").split()
                for suite in stanza.get("suites", "").split()
                for component in stanza.get("components", "").split()
                if suite.partition("-")[0] == RELEASE and archive.startswith(("http://", "https://"))
            }
    return tuple(sorted(found))


def read_archive(lists: Iterable[PackageList], cache: Path) -> Debian:
    """Read package lists, from the network where the kept ones are old.

    Parameters
    ----------
    lists : Iterable[PackageList]
        What `find_lists` gave.
    cache : Path
        Folder for the lists; made when it is not there.

    Raises
    ------
    ResolveError
        A list is not kept and the archive does not answer.
    """
    merged: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:
        # trixie, trixie-security, trixie-updates: later ones replace what the release has.
        ordered = sorted(lists, key=lambda one: one.suite)
        for versions in pool.map(lambda one: _read_list(one, cache), ordered):
            merged |= {name: version for name, version in versions.items() if version or name not in merged}
    return Debian(merged)


def parse_packages(text: str) -> dict[str, str]:
    """Read a `Packages` file: names and versions, and the virtual names that packages provide."""
    versions: dict[str, str] = {}
    provided: set[str] = set()
    name = ""
    for line in text.splitlines():
        # Sixty thousand stanzas: comparing the first letters is several times faster than splitting lines.
        if line.startswith("Package: "):
            name = line[9:]
        elif line.startswith("Version: "):
            versions[name] = line[9:]
        elif line.startswith("Provides: "):
            provided.update(part.partition("(")[0].strip() for part in line[10:].split(","))
    return {**dict.fromkeys(provided, ""), **versions}


def _stanzas(text: str) -> Iterable[dict[str, str]]:
    for block in text.split("\n\n"):
        fields: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0] in " \t":
                fields[field] = f"{fields.get(field, '')} {line.strip()}"
            else:
                field, _, value = line.partition(":")
                field = field.lower()
                fields[field] = value.strip()
        if fields:
            yield fields


def _read_list(one: PackageList, cache: Path) -> dict[str, str]:
    kept = cache / f"{one.suite}-{one.component}-{sha256(one.folder.encode()).hexdigest()[:12]}.json"
    old = read_kept(kept)
    if old and time.time() - kept.stat().st_mtime < _FRESH_S:
        return dict(old["versions"])
    try:
        answer = _fetch(one, old.get("state", {}))
    except requests.RequestException as problem:
        if old:
            return dict(old["versions"])  # an archive that is away for a while changes little
        raise unreachable(one.folder, problem) from problem
    if answer is None:
        kept.touch()
        return dict(old["versions"])
    text, state = answer
    versions = parse_packages(text)
    keep(kept, {"state": state, "versions": versions})
    return versions


def _fetch(one: PackageList, state: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Fetch a list, or None when it has not changed since `state`."""
    headers = {
        header: state[key]
        for header, key in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
        if state.get(key)
    }
    unpackers = {".xz": lzma.decompress, ".gz": gzip.decompress}
    for suffix, unpack in unpackers.items():
        answer = requests.get(f"{one.folder}/Packages{suffix}", headers=headers, timeout=_TIMEOUT_S)
        if answer.status_code == requests.codes.not_modified:
            return None
        if answer.ok:
            marks = {key: answer.headers.get(key, "") for key in ("ETag", "Last-Modified")}
            return unpack(answer.content).decode("utf-8", "replace"), marks
    raise requests.HTTPError(response=answer)
