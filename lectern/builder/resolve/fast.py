"""The fast resolver's first half: each entry of a declaration in the words of the source that has it.

Python comes from PyPI (`python_lock` takes it on), R and programs from Debian, R packages that Debian
lacks from CRAN. No name is ever guessed: conda's `graphviz` is a program, PyPI's is a binding to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lectern.builder.declare.items import CondaSpec, Item, Requirement
from lectern.builder.resolve import requirement_lines
from lectern.builder.resolve.conda_version import admits, pep440
from lectern.builder.resolve.names_table import Kind, Row, find_near, find_row, normalised
from lectern.builder.resolve.python_version import (
    NotOfferedError,
    PythonChoice,
    beside_others,
    choose_python,
)
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason, RefusedError
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.builder.declaration import Declaration

#: Always there: the kernel that a notebook speaks to.
_KERNEL = Requirement("ipykernel", "")
_R_KERNEL = ("r-base-core", "r-cran-irkernel")

#: Parts of the server, which has its own copy. What kernels import (nbformat, ipywidgets …) is no such part.
_SERVER_PARTS = frozenset(
    {
        *("jupyter", "jupyter-console", "jupyter-events", "jupyter-lsp", "jupyter-server"),
        *("jupyter-server-terminals", "jupyterhub", "jupyterhub-singleuser", "jupyterlab"),
        *("jupyterlab-pygments", "jupyterlab-server", "nbclassic", "notebook", "notebook-shim", "qtconsole"),
    }
)
#: PyPI's name where the table's is conda's.
_PYPI_NAMES = {"nbconvert-core": "nbconvert"}

#: What a course teaches: another version than the one asked for is an error, for other programs a notice.
_LANGUAGES = frozenset({"r-base", "nodejs", "openjdk", "octave"})

_WITHOUT_EFFECT = {
    Kind.IGNORE: "not needed here",
    Kind.C_LIBRARY: "libraries that come with the packages that need them",
    Kind.GPU: "not needed, packages are taken for processors without a graphics card",
    Kind.CLASSIC_NOTEBOOK: "extensions of the classic notebook, without effect in JupyterLab 4",
}

_USES_NODE = re.compile(r"\b(node|npm|npx|yarn)\b")


class Archive(Protocol):
    """What Debian has; see `debian.read_archive`."""

    def find_version(self, package: str) -> str | None:
        """Give the version of a package, "" for a virtual one, None when there is none."""


@dataclass(frozen=True)
class Wanted:
    """A declaration in the words of the sources. Sorted, so that order never matters."""

    requirements: tuple[Requirement, ...]  # for PyPI
    python_choice: PythonChoice
    debian: tuple[str, ...]  # package names
    constraints: tuple[Requirement, ...] = ()  # bounds for what PyPI gives anyway
    allows_prereleases: bool = False
    r: tuple[Item, ...] = ()  # R packages that Debian lacks or has in another version; named as declared
    notices: tuple[str, ...] = ()

    @property
    def python(self) -> tuple[str, ...]:
        """Give the requirements without their places."""
        return tuple(dict.fromkeys(requirement.line for requirement in self.requirements))

    @property
    def has_r(self) -> bool:
        """Say whether R is part of it."""
        return bool(self.r) or any(name.startswith("r-") for name in self.debian)


@dataclass
class _Collected:
    """What is known while the entries are gone through."""

    archive: Archive | None
    imports: frozenset[str]
    uses_node: bool
    is_on_pypi: Callable[[str], bool]
    requirements: set[Requirement] = field(default_factory=lambda: {_KERNEL})
    python: list[Item] = field(default_factory=list)
    debian: set[str] = field(default_factory=set)
    r: set[Item] = field(default_factory=set)
    reasons: list[Reason] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def tell(self, heading: str, entry: str) -> None:
        self.groups.setdefault(heading, []).append(entry)

    def refuse(self, where: str, what: str, hint: str) -> None:
        self.reasons.append(Reason(where, what, hint))


def translate(
    declaration: Declaration,
    archive: Archive | None = None,
    imports: frozenset[str] = frozenset(),
    is_on_pypi: Callable[[str], bool] = lambda _: False,
) -> Wanted:
    """Say where each entry comes from.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    archive : Archive, optional
        What Debian has. Without it names are taken as the table has them, and versions are not compared.
    imports : frozenset[str]
        Modules that the repo's material imports: they tell that an unknown name is PyPI's.
    is_on_pypi : Callable[[str], bool]
        Asked for a name that is not known, to tell the way out.

    Raises
    ------
    ResolveError
        Names all entries that cannot be had, each with its line and the way out.
    """
    material = declaration.texts.get("postBuild", "") + "\n".join(
        [spec.name for spec in declaration.conda] + [asked.line for asked in declaration.requirements]
    )
    so_far = _Collected(
        archive,
        imports,
        uses_node=bool(_USES_NODE.search(material)) or "mystmd" in material,
        is_on_pypi=is_on_pypi,
    )
    if declaration.python:
        so_far.python.append(declaration.python)
    for spec in declaration.conda:
        if spec.name != "python" or not declaration.python:
            _place_conda(spec, so_far)
    allows_prereleases = _read_options(declaration.options, so_far)
    for asked in declaration.requirements:
        _place_requirement(asked, so_far)
    for item in declaration.apt:
        _place_debian(item.name, item, so_far)
    for item in declaration.r:
        _place_r(item, so_far)
    choice = _choose_python(so_far)
    is_r_asked = declaration.r_package or declaration.r_snapshot
    if so_far.r or is_r_asked or any(name.startswith("r-") for name in so_far.debian):
        so_far.debian.update(_R_KERNEL)
    grouped = [f"{heading}: {', '.join(entries)}" for heading, entries in so_far.groups.items()]
    return Wanted(
        requirements=tuple(sorted(so_far.requirements, key=lambda asked: (asked.line, asked.where))),
        python_choice=choice,
        constraints=declaration.constraints,
        allows_prereleases=allows_prereleases,
        debian=tuple(sorted(so_far.debian)),
        r=tuple(sorted(so_far.r)),
        notices=(*choice.notices, *grouped, *so_far.notices),
    )


def _choose_python(so_far: _Collected) -> PythonChoice:
    """Choose once all entries are gone through: what is wrong with one is told beside what is with Python."""
    try:
        choice = choose_python(so_far.python)
    except NotOfferedError as problem:
        choice = problem.instead
    except ResolveError as problem:
        raise RefusedError([Reason(problem.where, problem.what, problem.hint), *so_far.reasons]) from problem
    if so_far.reasons:
        refused = [beside_others(choice.refused)] if choice.refused else []
        raise RefusedError([*refused, *so_far.reasons])
    return choice


def _place_conda(spec: CondaSpec, so_far: _Collected) -> None:
    row = find_row(spec.name)
    if spec.build and (row is None or row.pypi or row.kind is Kind.PYTHON):
        so_far.tell("build strings are conda's and were dropped", str(spec))
    if row is None:
        _place_unlisted(spec, so_far)
    elif row.kind in _WITHOUT_EFFECT:
        so_far.tell(_WITHOUT_EFFECT[row.kind], spec.name)
    else:
        _place_by_kind(spec, row, so_far)


def _place_by_kind(spec: CondaSpec, row: Row, so_far: _Collected) -> None:
    match row.kind:
        case Kind.PYTHON:
            _place_python(spec, so_far)
        case Kind.PYPI_SAME | Kind.PYPI_OTHER | Kind.RENAMED | Kind.PLATFORM:
            _place_listed(spec, row, so_far)
        case Kind.DEBIAN | Kind.DEBIAN_PYTHON:
            _place_program(spec, row, so_far)
        case Kind.R_DEBIAN | Kind.R_MISSING | Kind.META_R:
            # A collection too: R's resolver refuses it, and proposes what the material loads.
            _place_r(_as_item(spec), so_far)
        case Kind.IGNORE_UNLESS_USED:
            if spec.version or so_far.uses_node:
                _place_program(spec, row, so_far)
            else:
                so_far.tell("lab extensions come ready-made, so not needed", spec.name)
        case Kind.META:
            _refuse_collection(spec, so_far)
        case Kind.CONDA_ONLY | Kind.DEBIAN_MISSING:
            so_far.refuse(
                spec.where,
                f"`{spec.name}` can only be had from conda" + (f" ({row.note})" if row.note else ""),
                f"leave `{spec.name}` out, or {CHOOSE_CONDA}",
            )


def _place_unlisted(spec: CondaSpec, so_far: _Collected) -> None:
    prefix, _, rest = spec.name.partition("-")
    if prefix in {"r", "bioconductor"} and rest:
        _place_r(_as_item(spec), so_far)
    elif normalised(spec.name).replace("-", "_") in so_far.imports:
        so_far.tell("taken from PyPI because the material imports it", spec.name)
        _require(spec.name, spec, so_far)
    elif spec.name.startswith("spacy-model-"):
        what = f"`{spec.name}` is on neither PyPI nor Debian"
        so_far.refuse(spec.where, what, f"put the address of its wheel under `pip:`, or {CHOOSE_CONDA}")
    else:
        near = find_near(spec.name)
        in_debian = so_far.archive is not None and so_far.archive.find_version(spec.name) is not None
        ways = [
            f"did you mean `{near}`?" if near else "",
            f"Debian's package `{spec.name}` goes into apt.txt;" if in_debian else "",
            f"PyPI has a `{spec.name}`: if that is meant, put it under `pip:`;"
            if so_far.is_on_pypi(spec.name)
            else "",
        ]
        hint = " ".join([*filter(None, ways), "or", CHOOSE_CONDA]) if any(ways) else CHOOSE_CONDA
        so_far.refuse(spec.where, f"no package `{spec.name}` is known", hint)


def _place_python(spec: CondaSpec, so_far: _Collected) -> None:
    try:
        so_far.python.append(Item("python", pep440(spec.version), spec.where))
    except ValueError as problem:
        so_far.refuse(spec.where, f"`{spec}` {problem}", "write one version, such as `- python=3.12`")


def _place_listed(spec: CondaSpec, row: Row, so_far: _Collected) -> None:
    if normalised(row.name) in _SERVER_PARTS:
        _leave_to_server(spec.name, str(spec), spec.where, so_far)
        return
    if row.debian:
        _place_debian(row.debian, Item(row.debian, "", spec.where), so_far)
    if row.kind is Kind.RENAMED:
        lost = f" (without `{spec.version}`, a version of the old one)" if spec.version else ""
        so_far.tell("goes by another name now", f"{spec.name} → {row.pypi}{lost}")
        so_far.requirements.add(Requirement(row.pypi, spec.where))
        return
    if row.kind is Kind.PYPI_SAME and row.note.startswith(("TRAP", "a desktop")):
        so_far.notices.append(f"{spec.where}: {spec.name}: {row.note.removeprefix('TRAP: ')}")
    _require(_PYPI_NAMES.get(row.name, row.pypi), spec, so_far)


def _require(project: str, spec: CondaSpec, so_far: _Collected) -> None:
    try:
        version = pep440(spec.version)
    except ValueError as problem:
        so_far.refuse(
            spec.where,
            f"`{spec}` {problem}",
            f"write one version, such as `- {spec.name}=1.2`; or {CHOOSE_CONDA}",
        )
        return
    name, _, extras = project.rstrip("]").partition("[")
    extras = ",".join(sorted({*filter(None, extras.split(",")), *spec.extras}))
    so_far.requirements.add(
        Requirement(f"{name}[{extras}]{version}" if extras else name + version, spec.where)
    )


def _leave_to_server(name: str, shown: str, where: str, so_far: _Collected) -> None:
    pinned = shown != name
    so_far.tell(
        "the server has its own", f"{name} (`{shown}`, {where}, is without effect)" if pinned else name
    )
    if normalised(name) == "jupyter":
        # What conda's and PyPI's `jupyter` brings for a kernel; the rest of it is the server.
        so_far.requirements.add(Requirement("ipywidgets", where))


def _place_program(spec: CondaSpec, row: Row, so_far: _Collected) -> None:
    if row.kind is Kind.DEBIAN_PYTHON:
        so_far.notices.append(
            f"{spec.where}: {spec.name}: Debian's programs are installed; Python's `osgeo` is not in the "
            "environment (rasterio, fiona and pyogrio bring their own GDAL)"
        )
    _place_debian(row.debian, _as_item(spec), so_far, is_strict=spec.name in _LANGUAGES)


def _place_debian(package: str, item: Item, so_far: _Collected, *, is_strict: bool = False) -> None:
    found = so_far.archive.find_version(package) if so_far.archive else ""
    if found is None:
        near = find_near(item.name)
        so_far.refuse(
            item.where,
            f"Debian trixie has no package `{package}`",
            f"did you mean `{near}`?" if near and near != item.name else f"leave `{package}` out",
        )
        return
    so_far.debian.add(package)
    if not item.version or not found or admits(item.version, found):
        return
    what = f"`{item.name}{item.version}`: Debian trixie has {found}"
    if is_strict:
        so_far.refuse(item.where, what, f"write `- {item.name}` to take it; or {CHOOSE_CONDA}")
    else:
        so_far.notices.append(f"{item.where}: {what}, which is used")


def _place_r(item: Item, so_far: _Collected) -> None:
    """Take an R package from Debian if what Debian has will do; else it is left to CRAN."""
    name = re.sub(r"^(r|bioconductor)-", "", item.name.lower())
    for package in (f"r-cran-{name}", f"r-bioc-{name}"):
        if not _is_in_debian(package, name, so_far):
            continue
        found = so_far.archive.find_version(package) if so_far.archive else ""
        if not item.version or not found or admits(item.version, found):
            so_far.debian.add(package)
            return
    so_far.r.add(item)


def _is_in_debian(package: str, name: str, so_far: _Collected) -> bool:
    if so_far.archive:
        return so_far.archive.find_version(package) is not None
    rows = (find_row(f"r-{name}"), find_row(f"bioconductor-{name}"))
    return any(row is not None and row.debian == package for row in rows)


def _refuse_collection(spec: CondaSpec, so_far: _Collected) -> None:
    found = ", ".join(sorted(so_far.imports)[:30])
    so_far.refuse(
        spec.where,
        f"`{spec.name}` stands for hundreds of packages, of which a course uses a few",
        f"list those in its place; the material imports: {found}"
        if found
        else "list those that are imported in its place",
    )


def _read_options(options: tuple[Item, ...], so_far: _Collected) -> bool:
    refused, idle, allows_prereleases = requirement_lines.read_options(options)
    so_far.reasons += refused
    for option in idle:
        so_far.tell("options without effect here", option)
    return allows_prereleases


def _place_requirement(asked: Requirement, so_far: _Collected) -> None:
    name = requirement_lines.name_of(asked.line)
    row = find_row(name) if name else None
    if row and normalised(name) in _SERVER_PARTS and not requirement_lines.is_direct(asked.line):
        _leave_to_server(name, asked.line, asked.where, so_far)
    elif row and row.kind is Kind.RENAMED and not requirement_lines.is_direct(asked.line):
        so_far.tell("goes by another name now", f"{asked.line} → {row.pypi}")
        so_far.requirements.add(Requirement(row.pypi, asked.where))
    else:
        so_far.requirements.add(asked)


def _as_item(spec: CondaSpec) -> Item:
    return Item(spec.name, spec.version, spec.where)
