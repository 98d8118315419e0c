"""Lock an environment's R packages: Debian's where they will do, CRAN's where Debian lacks them."""

from __future__ import annotations

import graphlib
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lectern.builder.resolve import cran_system_libraries
from lectern.builder.resolve.cran_closure import Closure, Problem, Root, find_closure
from lectern.builder.resolve.cran_mirror import MirrorDownError, NotOnMirrorError
from lectern.builder.resolve.cran_source import CranSource, addresses
from lectern.builder.resolve.debian_r import BASE_PACKAGES, read_r_packages
from lectern.builder.resolve.r_lock import COMPILERS, CranPackage, RLock
from lectern.builder.resolve.r_version import is_package_name, parse_constraint
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from lectern.builder.declaration import Item
    from lectern.builder.resolve.cran_index import Offer

#: Conda's names of R itself.
_R_ITSELF = frozenset({"r-base", "r", "r-recommended"})
_METAPACKAGES = frozenset({"r-essentials"})
_CONDA_PREFIXES = {"r-": False, "bioconductor-": True}  # → is it Bioconductor's?
_DOWNLOADS_AT_ONCE = 4
_SHOWN_USED = 20


def lock_r(
    wanted: Iterable[Item],
    *,
    debian: Mapping[str, str],
    r_version: str,
    cran: str,
    cran_binaries: str,
    cache: Path,
    snapshot: str = "",
    used: Collection[str] = (),
) -> RLock:
    """Say exactly which R packages an environment gets, and from where.

    Parameters
    ----------
    wanted : Iterable[Item]
        R's names ("ggplot2", any case) or conda's ("r-ggplot2", "bioconductor-deseq2", "r-base"), each
        with a version that will do.
    debian : Mapping[str, str]
        Names and versions in Debian's archive; other packages than R's do no harm.
    r_version : str
        Debian's R: 4.5.0.
    cran, cran_binaries : str
        Mirrors' addresses; the second, which serves ready-made packages, may be empty.
    cache : Path
        Folder where files of the mirrors are kept.
    snapshot : str
        The day of CRAN that is asked for, 2024-05-01; empty for today.
    used : Collection[str]
        Packages that the repo's own files use (`r_imports`), to be proposed in place of a metapackage.

    Raises
    ------
    ResolveError
        One error that has all that cannot be had.
    """
    roots, problems = _read_roots(wanted, r_version, used)
    offered = read_r_packages(debian)
    mirrors = addresses(cran, cran_binaries, snapshot)
    source = CranSource(mirrors, cache, r_version=r_version)
    beyond_debian = [
        root
        for root in roots
        if not root.is_bioconductor
        and not ((packaged := offered.get(root.name.lower())) and packaged.fits(root.constraint))
    ]
    if beyond_debian and not mirrors:
        raise _no_such_day(beyond_debian, snapshot)
    try:
        closure = find_closure(roots, debian=offered, cran=source, r_version=r_version)
        if everything := (*problems, *closure.problems):
            raise _refusal(everything)
        packages, system, notices = _lock_files(closure, source, r_version)
    except (MirrorDownError, NotOnMirrorError, ValueError) as problem:
        is_of_binaries = getattr(problem, "address", "") == mirrors.get("cran_binaries")
        setting = "LECTERN_CRAN_BINARIES" if is_of_binaries else "LECTERN_CRAN"
        raise _unusable(setting, beyond_debian, problem) from problem
    if snapshot and closure.debian:
        notices.append(not_of_that_day(snapshot))
    return RLock(
        debian=tuple(sorted(package.name for package in closure.debian)),
        cran=packages,
        system=system,
        snapshot=snapshot,
        notices=(*closure.notices, *notices),
    )


def not_of_that_day(snapshot: str) -> str:
    """Tell which R packages a day of CRAN says nothing about."""
    return f"R packages that Debian has are Debian's, not those of {snapshot}"


def _without_version(item: Item) -> str:
    return "the day alone, as `r-2026-05-01`" if "runtime.txt" in item.where else f"`- {item.name}`"


def _read_roots(
    wanted: Iterable[Item], r_version: str, used: Collection[str]
) -> tuple[list[Root], list[Problem]]:
    roots, problems = [], []
    for item in wanted:
        try:
            constraint = parse_constraint(item.version)
        except ValueError as problem:
            problems.append(
                Problem(item.where, f"`{item.name}`: {problem}", f"write `{item.name}` or `{item.name}=1.2`")
            )
            continue
        name, is_bioconductor = _without_prefix(item.name)
        if item.name.lower() in _R_ITSELF or name.lower() in BASE_PACKAGES:
            if not constraint.admits(r_version):
                problems.append(
                    Problem(
                        item.where,
                        f"`{item.name}{item.version}`: this installation has R {r_version}",
                        f"write {_without_version(item)}, or `resolver: conda` in lectern.yml for another R",
                    )
                )
            continue
        if item.name.lower() in _METAPACKAGES:
            problems.append(_metapackage(item, used))
            continue
        if not is_package_name(name):
            problems.append(
                Problem(item.where, f"`{item.name[:80]}` is no name of an R package", "write `r-ggplot2`")
            )
            continue
        roots.append(Root(item.where, name, constraint, is_bioconductor))
    return roots, problems


def _without_prefix(name: str) -> tuple[str, bool]:
    """Give R's name for one of conda's, and whether it is Bioconductor's; R's own names have no hyphen."""
    for prefix, is_of_bioconductor in _CONDA_PREFIXES.items():
        if name.lower().startswith(prefix):
            return name[len(prefix) :], is_of_bioconductor
    return name, False


def _metapackage(item: Item, used: Collection[str]) -> Problem:
    shown = sorted(set(used), key=str.lower)
    more = " …" if len(shown) > _SHOWN_USED else ""
    lines = " ".join(f"`r-{name.lower()}`" for name in shown[:_SHOWN_USED])
    return Problem(
        item.where,
        f"`{item.name}` stands for hundreds of packages, of which a course uses a few",
        f"write those that are used: {lines}{more}" if shown else "write those that are used, one a line",
    )


def _refusal(problems: Iterable[Problem]) -> ResolveError:
    """Make one error of all problems."""
    ordered = sorted(set(problems), key=lambda one: (_line_key(one.where), one))
    if len(ordered) == 1:
        return ResolveError(ordered[0].what, where=ordered[0].where, hint=ordered[0].hint)
    listed = "".join(f"\n  {one.where}: {one.what}; {one.hint}" for one in ordered)
    return ResolveError(
        f"{len(ordered)} R packages cannot be had:{listed}",
        hint="correct these lines; what is said behind each would help",
    )


def _line_key(where: str) -> tuple[str, int]:
    """Order places as a reader meets them: line 9 before line 10."""
    file, _, line = where.rpartition(":")
    return (file, int(line)) if line.isascii() and line.isdigit() else (where, 0)


def _needing(roots: Iterable[Root]) -> str:
    ordered = sorted(roots, key=lambda root: (_line_key(root.where), root))
    return ", ".join(f"`{root.name}` ({root.where})" for root in ordered)


def _no_such_day(roots: Iterable[Root], snapshot: str) -> ResolveError:
    return ResolveError(
        f"CRAN of {snapshot} is asked for, and the mirror keeps no past days; needed for {_needing(roots)}",
        where="LECTERN_CRAN",
        hint="set LECTERN_CRAN to a mirror that does, such as https://packagemanager.posit.co/cran/latest, "
        "or take the date out of runtime.txt",
    )


def _unusable(setting: str, roots: Iterable[Root], problem: Exception) -> ResolveError:
    fact = f"{problem.args[0]} is not on the mirror" if isinstance(problem, LookupError) else str(problem)
    needing = _needing(roots)
    return ResolveError(
        f"CRAN could not be used ({fact})" + (f"; needed for {needing}" if needing else ""),
        where=setting,
        hint=f"set {setting} in .env to a mirror that this machine reaches; "
        "packages that Debian has need none",
    )


def _lock_files(
    closure: Closure, source: CranSource, r_version: str
) -> tuple[tuple[CranPackage, ...], tuple[str, ...], list[str]]:
    """Fetch what is needed of CRAN, and look into it."""
    waves = _waves(closure.cran)
    ordered = sorted(closure.cran, key=lambda key: (waves[key], key))
    with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        files = list(pool.map(source.tarball, (closure.cran[key] for key in ordered)))
    packages, system, notices = [], set(), []
    for key, (path, tarball) in zip(ordered, files, strict=True):
        offer = closure.cran[key]
        found = (tarball.fields["Package"], tarball.fields.get("Version"))
        if found != (offer.name, offer.version):
            raise ValueError(f"{offer.path} holds {' '.join(map(str, found))}")
        if tarball.built:
            _require_build_for(r_version, offer, tarball.built)
        if tarball.compiles:
            system.add(COMPILERS)
        libraries, unknown = cran_system_libraries.debian_packages(
            tarball.fields.get("SystemRequirements", "")
        )
        system.update(libraries)
        if unknown:
            needs = ", ".join(f"`{words}`" for words in unknown)
            notices.append(
                f"{offer.name} {offer.version} says that it needs {needs}: "
                "if it does not work, put Debian's package of that into apt.txt"
            )
        packages.append(
            CranPackage(
                name=offer.name,
                version=offer.version,
                kind="binary" if tarball.built else "source",
                mirror=offer.mirror,
                path=offer.path,
                sha256=_sha256(path),
                compiles=tarball.compiles,
                wave=waves[key],
            )
        )
    return tuple(packages), tuple(sorted(system)), notices


def _require_build_for(r_version: str, offer: Offer, built: str) -> None:
    """Refuse a ready-made package for another R: it would install, and fail when it is loaded."""
    minor = r_version.rpartition(".")[0]
    if not built.startswith((f"R {minor}.", f"R {minor};")):
        raise ValueError(f"{offer.path} is made for {built.partition(';')[0]}, not R {minor}")


def _waves(offers: Mapping[str, Offer]) -> dict[str, int]:
    """Give each package a number, so that each comes after those that it needs."""
    sorter = graphlib.TopologicalSorter(
        {
            key: [need.name.lower() for need in offer.needs if need.name.lower() in offers]
            for key, offer in offers.items()
        }
    )
    try:
        sorter.prepare()
    except graphlib.CycleError as problem:
        raise ValueError(f"packages need each other: {', '.join(problem.args[1])}") from problem
    waves: dict[str, int] = {}
    number = 1
    while sorter.is_active():
        ready = sorter.get_ready()
        waves |= dict.fromkeys(ready, number)
        sorter.done(*ready)
        number += 1
    return waves


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
