"""Julia: which release an environment gets, pinned by checksum, and its packages' files.

The list of releases is read when a lock is made and never later: what was chosen stands in the lock, path
and sha256, and no address. The packages are resolved by Julia itself while the image is built; its
Manifest.toml is read out of the image into the lock.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.builder.declare.files import open_source
from lectern.builder.declare.julia_project import julia_files
from lectern.builder.resolve.julia_compat import Compat, Version, is_version, numbers_of, read_compat
from lectern.builder.resolve.julia_releases import Archive, Release, fetch_releases, read_archives
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from pathlib import Path

#: Where the build leaves what Julia resolved, for the lock: packages, and the kernel with its own.
MANIFEST = "/opt/julia-project/Manifest.toml"
KERNEL_MANIFEST = "/opt/julia-kernel/Manifest.toml"

# Older ones call the program `curl` to download packages; they have no library for it.
_DOWNLOADS_BY_ITSELF: Version = (1, 6, 0)


@dataclass(frozen=True)
class JuliaLock:
    """Julia's part of a lock."""

    version: str
    archives: tuple[Archive, ...]
    project: str  # text of Project.toml
    manifest: str  # text of Manifest.toml; "" until the first build has resolved the packages
    kernel_manifest: str = ""  # the same of IJulia with what it needs

    @property
    def debian(self) -> tuple[str, ...]:
        """Give the Debian packages without which this Julia cannot install packages."""
        return () if numbers_of(self.version) >= _DOWNLOADS_BY_ITSELF else ("curl",)

    def archive(self, architecture: str) -> Archive:
        """Give the archive for a kind of machine.

        Raises
        ------
        ResolveError
            The release has none.
        """
        for archive in self.archives:
            if archive.architecture == architecture:
                return archive
        raise ResolveError(
            f"Julia {self.version} is not published for {architecture}",
            hint='ask for another version under `[compat]` of Project.toml, such as `julia = "1"`',
        )


@dataclass(frozen=True)
class Asked:
    """Which Julia a repo's files ask for."""

    exact: str  # the manifest's julia_version, "" when it has none
    compat: Compat | None
    where: str  # file:line of the entry that decides


def lock_julia(
    project: str, manifest: str, *, architecture: str, base: str, repo: Path | None = None
) -> JuliaLock:
    """Choose a release of Julia and pin it.

    Parameters
    ----------
    project, manifest : str
        Texts of Project.toml and Manifest.toml; an empty manifest means that there is none yet.
    architecture : str
        The machine that the image is built for, as `platform.machine()` says it.
    base : str
        Address under which Julia's releases and their list lie.
    repo : Path | None
        The environment repo, for the files' names in messages.

    Raises
    ------
    ResolveError
        The files cannot be used, nothing fits them, or the list of releases cannot be read.
    """
    asked = read_asked(project, manifest, *(_names(repo) if repo else ()))
    release = choose(asked, fetch_releases(base), architecture=architecture, base=base)
    return JuliaLock(release.version, read_archives(release, base), project, manifest)


def _names(repo: Path) -> tuple[str, str]:
    """Give the paths of a repo's project and manifest, whether they are there or not."""
    source = open_source(repo)
    project, manifest = julia_files(source)
    return source.path(project or "Project.toml"), source.path(manifest or "Manifest.toml")


def read_asked(
    project: str, manifest: str, own: str = "Project.toml", resolved: str = "Manifest.toml"
) -> Asked:
    """Read which Julia is asked for, and see that the two files belong together.

    Parameters
    ----------
    project, manifest : str
        Texts of the two files.
    own, resolved : str
        Their paths in the repo.

    Raises
    ------
    ResolveError
        With file and line.
    """
    ours = _read(project, own)
    declared = _table(ours, "deps", own)
    for name, identifier in declared.items():
        if not _is_uuid(identifier):
            raise ResolveError(
                f"`{name}` has no UUID",
                where=_at(project, own, name),
                hint="`import Pkg; Pkg.add(…)` in Julia writes the line as it must be",
            )
    compat = _compat(ours, project, own)
    read = _read(manifest, resolved)
    exact = read.get("julia_version", "")
    if not isinstance(exact, str) or (exact and not is_version(exact)):
        raise ResolveError(
            f"julia_version `{exact}` is no version",
            where=_at(manifest, resolved, "julia_version"),
            hint=f"`import Pkg; Pkg.resolve()` in Julia writes {resolved} anew",
        )
    if manifest.strip():
        _require_complete(declared, _entries(read, resolved), project, own, resolved)
        _require_registered(_entries(read, resolved), manifest, resolved)
    if exact and compat and numbers_of(exact) not in compat:
        raise ResolveError(
            f'it was made by Julia {exact}, which `julia = "{compat.text}"` in {own} excludes',
            where=_at(manifest, resolved, "julia_version"),
            hint=f"change that line, or remove {resolved} to have the packages resolved anew",
        )
    where = _at(manifest, resolved, "julia_version") if exact else _at(project, own, "julia", after="compat")
    return Asked(exact, compat, where)


def choose(asked: Asked, releases: tuple[Release, ...], *, architecture: str, base: str) -> Release:
    """Choose the release that was asked for: the manifest's own, else the newest stable one that fits.

    Raises
    ------
    ResolveError
        There is none for this kind of machine; names the newest.
    """
    here = [each for each in releases if architecture in each.files]
    stable = sorted((each for each in here if each.is_stable), key=lambda each: numbers_of(each.version))
    newest = stable[-1].version if stable else "none"
    if asked.exact:
        for release in here:
            if release.version == asked.exact:
                return release
        raise ResolveError(
            f"there is no Julia {asked.exact} for {architecture} at {base}",
            where=asked.where,
            hint=f"the newest there is {newest}; `import Pkg; Pkg.resolve()` in it writes "
            f"{asked.where.partition(':')[0]} anew",
        )
    fitting = [each for each in stable if asked.compat is None or numbers_of(each.version) in asked.compat]
    if not fitting:
        wanted = f'fits `julia = "{asked.compat.text}"`' if asked.compat else "is stable"
        raise ResolveError(
            f"no Julia for {architecture} at {base} {wanted}",
            where=asked.where,
            hint=f"the newest there is {newest}",
        )
    return fitting[-1]


def _read(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"at line (\d+)", str(problem))
        what = re.sub(r" \(at .*\)$", "", str(problem))
        raise ResolveError(
            f"is no TOML: {what[:1].lower()}{what[1:]}",
            where=f"{name}:{line[1]}" if line else name,
            hint="correct that line; `import Pkg; Pkg.add(…)` in Julia writes the file as it must be",
        ) from problem


def _table(read: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    table = read.get(key, {})
    if not isinstance(table, dict):
        raise ResolveError(f"`{key}` is no table", where=name, hint=f"write `[{key}]` on a line of its own")
    return table


def _compat(read: dict[str, Any], project: str, name: str) -> Compat | None:
    text = _table(read, "compat", name).get("julia")
    if text is None:
        return None
    try:
        if not isinstance(text, str):
            raise TypeError(f"`{text}` must stand in quotes")  # noqa: TRY301 - same answer as to a wrong range
        return read_compat(text)
    except (TypeError, ValueError) as problem:
        raise ResolveError(
            f"julia: {problem}",
            where=_at(project, name, "julia", after="compat"),
            hint='write for example `julia = "1.10"`',
        ) from problem


def _entries(read: dict[str, Any], name: str) -> dict[str, Any]:
    """Give a manifest's packages: below `deps` since format 2, at the top before."""
    if "manifest_format" in read:
        return _table(read, "deps", name)
    return {key: value for key, value in read.items() if isinstance(value, list)}


def _require_complete(
    declared: dict[str, Any], entries: dict[str, Any], project: str, name: str, resolved: str
) -> None:
    for package in sorted(declared):
        if package not in entries:
            raise ResolveError(
                f"`{package}` is not in {resolved}",
                where=_at(project, name, package),
                hint="`import Pkg; Pkg.resolve()` in Julia adds it; "
                f"without {resolved} the packages are resolved anew",
            )


def _require_registered(entries: dict[str, Any], manifest: str, name: str) -> None:
    for package, versions in sorted(entries.items()):
        if isinstance(versions, list) and any("path" in each for each in versions):
            raise ResolveError(
                f"`{package}` is taken from a folder, which is not there when the image is built",
                where=_at(manifest, name, "path", after=package),
                hint=f'`import Pkg; Pkg.free("{package}")` in Julia takes the registered one; '
                "a package of your own can come from its git address",
            )


def _is_uuid(value: object) -> bool:
    try:
        return str(uuid.UUID(str(value))) == value
    except ValueError:
        return False


def _at(text: str, name: str, key: str, *, after: str = "") -> str:
    """Give file:line of the first line that sets a key, below a table's header if one is given."""
    is_below = not after
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[+(?:deps\.)?{re.escape(after)}\]+", line):
            is_below = True
        elif is_below and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return f"{name}:{number}"
    return name
