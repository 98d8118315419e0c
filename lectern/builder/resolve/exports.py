"""Files that `conda env export` wrote: found out, and answered with what a person would have written.

An export lists every library of one machine, most of which no other machine has. Its pins are never
resolved; the packages that the material imports are offered instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement as Parsed

from lectern.builder.resolve import uv
from lectern.builder.resolve.explain import Placed, find_blocked
from lectern.builder.resolve.names_table import Kind, find_row, normalised
from lectern.builder.resolve.python_version import OWN
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.declare.items import CondaSpec
    from lectern.builder.resolve.simple_index import SimpleIndex

_MANY = 60
_FEWEST = 15  # Python and what it needs: no export is shorter
_MOSTLY = 0.9
_KINDS = {Kind.PYPI_SAME, Kind.PYPI_OTHER, Kind.RENAMED, Kind.R_DEBIAN, Kind.R_MISSING}
_EXACT = re.compile(r"==?\d[^<>|,*]*")
#: Modules whose package has another name; the others are found by their own.
_PACKAGE_OF = {
    "Bio": "biopython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv",
    "dateutil": "python-dateutil",
    "netCDF4": "netcdf4",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tables": "pytables",
    "torch": "pytorch",
    "yaml": "pyyaml",
}
_MARKS = {
    "Windows": frozenset(
        {"pywin32", "vs2015-runtime", "vc", "wincertstore", "pywinpty", "ucrt", "m2w64-gcc-libs"}
    ),
    "macOS": frozenset({"appnope", "libcxx", "pyobjc-core", "python-appl"}),
    "Linux": frozenset({"ld-impl-linux-64", "libgcc-ng", "libstdcxx-ng", "ptyprocess"}),
}


def is_export(declaration: Declaration) -> bool:
    """Say whether a list was written by `conda env export` rather than by a person."""
    specs = declaration.conda
    if not specs:
        return False
    exact = sum(bool(_EXACT.fullmatch(spec.version)) for spec in specs) / len(specs)
    builds = sum(bool(spec.build) for spec in specs) / len(specs)
    is_marked = builds > _MOSTLY or bool(declaration.prefix)
    return exact > _MOSTLY and len(specs) >= (_FEWEST if is_marked else _MANY)


def find_needed(declaration: Declaration, index: SimpleIndex, uv_cache: Path) -> frozenset[str]:
    """Give the entries that are there because another one needs them, as far as PyPI knows.

    Parameters
    ----------
    declaration : Declaration
        An export.
    index : SimpleIndex
        Tells which of the names cannot be had, and so cannot be asked about.
    uv_cache : Path
        uv's cache folder.
    """
    projects: dict[str, str] = {}
    for spec in declaration.conda:
        row = find_row(spec.name)
        if row and row.pypi and row.kind in _KINDS:
            projects[normalised(row.pypi.partition("[")[0])] = spec.name
    placed = [Placed(Parsed(project), "") for project in projects]
    missing = {blocked.project for blocked in find_blocked(placed, OWN, index)}
    try:
        found = uv.requirers(uv.Question(tuple(sorted(projects.keys() - missing)), OWN), uv_cache)
    except uv.NoSolutionError:
        return frozenset()
    return frozenset(conda for project, conda in projects.items() if project in found)


def refuse_export(
    declaration: Declaration, imports: frozenset[str], needed: frozenset[str] = frozenset()
) -> RefusedError:
    """Say that a list is an export, from which machine, and which entries to keep.

    Parameters
    ----------
    declaration : Declaration
        For which `is_export` is true.
    imports : frozenset[str]
        Modules that the material imports.
    needed : frozenset[str]
        Entries that others of the list need; they are not offered where the material imports nothing.
    """
    specs = declaration.conda
    first = specs[0].where
    python = next((spec.version for spec in specs if spec.name == "python"), "")
    minor = re.match(r"=*(\d+\.\d+)", python)
    kept = [f"python={minor[1]}"] if minor else []
    kept += [str(_plain(spec)) for spec in _roots(specs, imports, needed)]
    lines = "".join(f"\n  - {entry}" for entry in kept)
    if kept:
        why = "what the material imports" if imports else "what is not a library of something else in it"
        keep = f"keep {why}:\ndependencies:{lines}\n  "
    else:
        why = "imported by the material" if imports else "known as a package that a person asks for"
        keep = f"keep the packages that you use yourself: none of its entries is {why}; "
    return RefusedError(
        [
            Reason(
                first.partition(":")[0],
                f"is an export of {_platform(declaration)}: {len(specs)} exact versions that fit only there",
                f"{keep}or make it anew with `conda env export --from-history`; or {CHOOSE_CONDA}",
            )
        ]
    )


def _platform(declaration: Declaration) -> str:
    names = {normalised(spec.name) for spec in declaration.conda}
    for system, marks in _MARKS.items():
        if names & marks:
            return f"a {system} machine"
    if declaration.prefix.startswith("/Users/"):
        return "a macOS machine"
    return "a Windows machine" if re.match(r"[A-Za-z]:\\", declaration.prefix) else "one machine"


def _roots(specs: tuple[CondaSpec, ...], imports: frozenset[str], needed: frozenset[str]) -> list[CondaSpec]:
    """Give the entries that a person would have written."""
    wanted = {normalised(_PACKAGE_OF.get(module, module)) for module in imports}
    if wanted:
        return [spec for spec in specs if normalised(spec.name) in wanted]
    return [spec for spec in specs if spec.name not in needed and _is_of_a_person(spec.name)]


def _is_of_a_person(name: str) -> bool:
    row = find_row(name)
    return row is not None and row.kind in _KINDS


def _plain(spec: CondaSpec) -> str:
    version = re.match(r"==?(\d+(?:\.\d+)?)", spec.version)
    return f"{spec.name}={version[1]}" if version else spec.name
