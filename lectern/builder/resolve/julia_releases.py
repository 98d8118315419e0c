"""Julia's releases, as it publishes them: one list, `versions.json`, of all archives with checksums."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests

from lectern.builder.resolve.julia_compat import is_version
from lectern.errors import ResolveError

#: Machines that Lectern's images are for, as `platform.machine()` says it.
ARCHITECTURES = ("aarch64", "x86_64")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"https?://[^/]+/bin/([\w./+-]+\.tar\.gz)", re.ASCII)
_TIMEOUT_S = 30


@dataclass(frozen=True, order=True)
class Archive:
    """A release for one kind of machine."""

    architecture: str
    path: str  # below the download base: "linux/x64/1.10/julia-1.10.4-linux-x86_64.tar.gz"
    sha256: str


@dataclass(frozen=True)
class Release:
    """One entry of Julia's versions.json, of which only the chosen one is read to the end."""

    version: str
    is_stable: bool
    files: dict[str, dict[str, Any]]  # by architecture: the entry of its archive for Linux


def fetch_releases(base: str) -> tuple[Release, ...]:
    """Read Julia's list of releases.

    Raises
    ------
    ResolveError
        It does not answer, or what it answers is no such list.
    """
    address = f"{base}/versions.json"
    hint = "LECTERN_JULIA is where Julia's releases and their versions.json lie"
    try:
        answer = requests.get(address, timeout=_TIMEOUT_S)
        answer.raise_for_status()
    except requests.RequestException as problem:
        raise ResolveError(
            f"the list of Julia's releases cannot be had ({_cause(problem)})", where=address, hint=hint
        ) from problem
    try:
        return read_releases(answer.json())
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ResolveError("is no list of Julia's releases", where=address, hint=hint) from problem


def read_releases(listed: dict[str, Any]) -> tuple[Release, ...]:
    """Read the content of a versions.json.

    Raises
    ------
    KeyError, TypeError, AttributeError
        It has another form.

    References
    ----------
    https://julialang-s3.julialang.org/bin/versions-schema.json
    """
    return tuple(
        Release(
            version,
            entry["stable"] is True,
            {
                each["arch"]: each
                for each in entry["files"]
                if each["kind"] == "archive"
                and each["arch"] in ARCHITECTURES
                and each["triplet"] == f"{each['arch']}-linux-gnu"
            },
        )
        for version, entry in listed.items()
        if is_version(version)
    )


def read_archives(release: Release, base: str) -> tuple[Archive, ...]:
    """Read path and checksum of a release's archives.

    Raises
    ------
    ResolveError
        One has no checksum, or no address that a mirror could have too.
    """
    archives = []
    for architecture, entry in sorted(release.files.items()):
        sha256 = str(entry.get("sha256")).lower()
        # The list names the official host; a mirror has the same paths below its own base.
        path = _ADDRESS.fullmatch(str(entry.get("url")))
        if not _SHA256.fullmatch(sha256) or not path or ".." in path[1]:
            raise ResolveError(
                f"Julia {release.version} for {architecture} has no address with a sha256",
                where=f"{base}/versions.json",
                hint="LECTERN_JULIA must be a complete mirror; another version may be complete there",
            )
        archives.append(Archive(architecture, path[1], sha256))
    return tuple(archives)


def _cause(problem: requests.RequestException) -> str:
    if problem.response is not None:
        return f"HTTP {problem.response.status_code}"
    return "no answer in time" if isinstance(problem, requests.Timeout) else "nothing answers there"
