"""Declaration → Lock: which resolver answers which part. An unchanged declaration keeps its lock."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from lectern.builder.committed_lock import find_committed
from lectern.builder.declare.items import Item, Requirement
from lectern.builder.languages import catalogue
from lectern.builder.lock import Lock, fingerprint
from lectern.builder.own_recipe import lock_own_recipe
from lectern.builder.resolve import fast_lock
from lectern.builder.resolve.conda import Asked, Question, conda_platform, lock_conda, match_spec
from lectern.builder.resolve.conda_declared import read_beside
from lectern.builder.resolve.cran import lock_r, not_of_that_day
from lectern.builder.resolve.debian import find_lists, read_archive
from lectern.builder.resolve.debian_lock import lock_debian
from lectern.builder.resolve.julia import lock_julia
from lectern.builder.resolve.names_table import table
from lectern.builder.resolve.pip_on_conda import lock_pip
from lectern.builder.resolve.r_imports import imports_of_repo
from lectern.builder.resolve.r_lock import RLock
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.languages.catalogue import Language
    from lectern.builder.resolve.julia import JuliaLock
    from lectern.settings import Settings

_JULIA_KERNEL = "julia"
_LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")


@dataclass(frozen=True)
class Base:
    """The image that environments are FROM."""

    name: str  # name:tag
    dpkg_status: Callable[[], bytes]  # what Debian packages it has, read only when it is needed


def resolver_of(declaration: Declaration, settings: Settings) -> str:
    """Say which resolver a repo gets: its own word, else the installation's."""
    return declaration.resolver or settings.resolver


def languages_of(declaration: Declaration) -> tuple[Language, ...]:
    """Find the languages that a repo names in lectern.yml.

    Raises
    ------
    DeclarationError
        The catalogue has none of that name.
    """
    found = {
        language.key: language
        for item in declaration.kernels
        if (language := catalogue.find_language(item.name, where=item.where))
    }
    return tuple(found[key] for key in sorted(found))


def resolve(
    declaration: Declaration,
    repo: Path,
    settings: Settings,
    *,
    base: Base | None,
    kept: Lock | None = None,
    is_committed_read: bool = True,
    newest: str = "",
) -> Lock:
    """Choose exact versions of everything that a declaration asks for.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    repo : Path
        Its files, whose imports tell what an unknown name means.
    settings : Settings
        Addresses, and the folder of the caches.
    base : Base | None
        What the image will be FROM; None to leave Debian's versions open, as a mere check does.
    kept : Lock | None
        An earlier lock, used again when it answers the same declaration.
    is_committed_read : bool
        Whether a lock that the repo brings counts before that.
    newest : str
        Date (ISO): what was released on PyPI after it does not count.

    Raises
    ------
    LecternError
        Names all that cannot be had as it is declared, with its line and the way out.
    """
    asked = fingerprint(declaration, resolver=resolver_of(declaration, settings))
    if declaration.foreign:
        return lock_own_recipe(
            declaration,
            asked=asked,
            base=base.name if base else "",
            is_allowed=settings.stock_buildpacks,
        )
    said: tuple[str, ...] = ()
    if is_committed_read:
        committed, said = find_committed(declaration, asked, repo)
        kept = committed or kept
        if committed and not base:
            return committed
    if kept and kept.asked == asked and base and kept.base == base.name:
        return replace(kept, notices=(*said, *kept.notices))
    cache = settings.builds / "cache"
    parts = _Parts(declaration, repo, settings, cache, newest)
    chosen = parts.conda() if resolver_of(declaration, settings) == "conda" else parts.fast()
    chosen = replace(chosen, asked=asked, languages=tuple(language.key for language in parts.languages))
    chosen = replace(chosen, notices=(*said, *chosen.notices))
    if not base:
        return chosen
    if kept and kept.asked == asked:
        # Another notebook image: what was chosen stays, but for Debian's part, which stands on it.
        chosen = replace(kept, debian=chosen.debian)
    names = [
        *chosen.debian,
        *chosen.r.debian,
        *chosen.r.system,
        *(chosen.julia.debian if chosen.julia else ()),
    ]
    return replace(
        chosen,
        base=base.name,
        debian=lock_debian(names, status=base.dpkg_status(), folder=cache) if names else (),
    )


class _Parts:
    """The parts of one lock, Debian's packages still without versions."""

    def __init__(
        self, declaration: Declaration, repo: Path, settings: Settings, cache: Path, newest: str
    ) -> None:
        self._declaration = declaration
        self._repo = repo
        self._settings = settings
        self._cache = cache
        self._newest = newest
        self.languages = languages_of(declaration)

    def fast(self) -> Lock:
        """Resolve with PyPI, Debian and CRAN."""
        asked = replace(
            self._declaration, requirements=(*self._declaration.requirements, *self._kernel_requirements())
        )
        found = fast_lock.resolve(
            asked,
            self._repo,
            self._cache,
            torch_index=self._settings.torch_index,
            newest=self._newest,
        )
        r = self._r(found.r)
        return Lock(
            asked="",
            base="",
            debian=(*found.debian, *catalogue.debian_packages(self.languages)),
            python=found.python,
            r=r,
            julia=self._julia(),
            local=tuple(item.name for item in self._declaration.local),
            python_imports=_distributions(asked, found.python.requirements),
            r_imports=_r_packages(found.debian, found.r),
            notices=(*found.notices, *r.notices),
        )

    def conda(self) -> Lock:
        """Resolve with conda's solver, and PyPI on top."""
        if self._newest:
            raise DeclarationError(
                "a date is for the fast resolver alone",
                where="--newest",
                hint="leave it out, or take `resolver: conda` out of lectern.yml",
            )
        beside = read_beside(self._declaration)
        asked = [
            Asked(
                match_spec(spec.name, version=spec.version, build=spec.build, channel=spec.channel),
                spec.where,
            )
            for spec in self._declaration.conda
        ]
        python = self._declaration.python
        if python and all(spec.name != "python" for spec in self._declaration.conda):
            asked.append(Asked(match_spec("python", version=python.version), python.where))
        requirements = [
            (one.line, one.where) for one in (*self._declaration.requirements, *self._kernel_requirements())
        ]
        question = Question(
            asked,
            self._declaration.channels,
            mirror=self._settings.conda_channels,
            platform=conda_platform(platform.machine()),
            cache=self._cache / "conda",
            with_python=bool(requirements or self._declaration.local),
        )
        lock = lock_conda(question)
        pip = lock_pip(
            requirements,
            lock,
            cache=self._cache / "uv",
            pypi_names=_pypi_names(),
            constraints=[(one.line, one.where) for one in beside.constraints],
            allows_prereleases=beside.allows_prereleases,
        )
        apt = [item.name for item in self._declaration.apt]
        return Lock(
            asked="",
            base="",
            debian=(*apt, *catalogue.debian_packages(self.languages)),
            conda=lock,
            pip=pip,
            julia=self._julia(),
            local=tuple(item.name for item in self._declaration.local),
            python_imports=tuple(sorted(_listed(self._declaration))),
            notices=beside.notices,
        )

    def _kernel_requirements(self) -> tuple[Requirement, ...]:
        return tuple(Requirement(line, "lectern.yml") for line in catalogue.requirements(self.languages))

    def _r(self, packages: tuple[Item, ...]) -> RLock:
        snapshot = self._declaration.r_snapshot
        if snapshot and snapshot.version:
            # As for Python: a patch release is the newest of its minor one.
            minor = ".".join(snapshot.version.split(".")[:2])
            packages = (*packages, Item("r-base", f"={minor}", snapshot.where))
        if not packages:
            told = (not_of_that_day(snapshot.name),) if snapshot else ()
            return RLock(notices=told)
        archive = read_archive(find_lists(), self._cache / "debian")
        return lock_r(
            packages,
            debian=archive.versions,
            r_version=(archive.find_version("r-base-core") or "").partition("-")[0],
            cran=self._settings.cran,
            cran_binaries=self._settings.cran_binaries,
            cache=self._cache / "cran",
            snapshot=snapshot.name if snapshot else "",
            used=imports_of_repo(self._repo),
        )

    def _julia(self) -> JuliaLock | None:
        project = self._declaration.julia
        has_kernel = any(language.key == _JULIA_KERNEL for language in self.languages)
        if not project and not has_kernel:
            return None
        return lock_julia(
            project.project if project else "",
            project.manifest if project else "",
            architecture=platform.machine(),
            base=self._settings.julia,
            repo=self._repo,
        )


def _distributions(declaration: Declaration, lock: str) -> tuple[str, ...]:
    """Give the locked packages that the declaration itself lists: those a participant is promised."""
    listed = _listed(declaration)
    return tuple(sorted(name for name in _LOCKED.findall(lock) if canonicalize_name(name) in listed))


def _listed(declaration: Declaration) -> set[str]:
    """Give PyPI's names of what a declaration lists."""
    rows = (table().get(spec.name) for spec in declaration.conda)
    asked = [one.line for one in declaration.requirements] + [row.pypi for row in rows if row]
    return {canonicalize_name(match[1]) for line in asked if (match := _NAME.match(line))}


def _r_packages(debian: Iterable[str], cran: Iterable[Item]) -> tuple[str, ...]:
    """Give the R packages that were asked for, in lower case."""
    of_debian = (name.split("-", 2)[2] for name in debian if name.startswith(("r-cran-", "r-bioc-")))
    of_cran = (re.sub(r"^(r|bioconductor)-", "", item.name) for item in cran)
    return tuple(sorted({name.lower() for name in (*of_debian, *of_cran)} - {"base"}))


def _pypi_names() -> dict[str, str]:
    """Give PyPI's names of conda packages that are called otherwise there."""
    return {
        name: row.pypi.partition("[")[0] for name, row in table().items() if row.pypi and row.pypi != name
    }
