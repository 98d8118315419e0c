"""The fast resolver's first half: each entry of a declaration in the words of the source that has it.

Python comes from PyPI (`python_lock` takes it on), R and programs from Debian, R packages that Debian
lacks from CRAN. No name is ever guessed: conda's `graphviz` is a program, PyPI's is a binding to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.declare.items import CondaSpec, Item, Requirement
from lectern.builder.resolve import requirement_lines
from lectern.builder.resolve.collected import Archive, Collected
from lectern.builder.resolve.conda_version import pep440
from lectern.builder.resolve.debian_entries import place_debian, place_r
from lectern.builder.resolve.names_table import (
    Kind,
    Row,
    find_row,
    is_part_of_python,
    normalised,
)
from lectern.builder.resolve.on_node import NODE, is_before_node
from lectern.builder.resolve.python_version import (
    NotOfferedError,
    PythonChoice,
    choose_python,
)
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason, RefusedError
from lectern.builder.resolve.unlisted import way_out
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.builder.declaration import Declaration

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

#: PyPI numbers these with a part more than conda does: conda's 4.2.0 is 4.2.0.34 there.
LONGER_NUMBERED = frozenset({"opencv-python-headless", "openbabel-wheel", "ortools"})
_EXACT_PART = re.compile(r"==(\d+(?:\.\d+){0,2})(?=,|$)", re.ASCII)

#: What a course teaches: another version than the one asked for is an error, for other programs a notice.
_LANGUAGES = frozenset({"r-base", "nodejs", "openjdk", "octave"})

#: What installs packages is not installed for its own sake; where a package needs one of them, as
#: tensorboard does setuptools, the version that was asked for holds.
_INSTALLERS = frozenset({"pip", "setuptools", "wheel"})

_PART_OF_PYTHON = "part of Python itself, and left out"

_WITHOUT_EFFECT = {
    Kind.IGNORE: "not needed here",
    Kind.STANDARD_LIBRARY: _PART_OF_PYTHON,
    Kind.C_LIBRARY: "libraries that come with the packages that need them",
    Kind.GPU: "not needed, packages are taken for processors without a graphics card",
    Kind.CLASSIC_NOTEBOOK: "extensions of the classic notebook, without effect in JupyterLab 4",
}

_TAKEN_INSTEAD = {
    Kind.RENAMED: "goes by another name now",
    # Under `pip:` the old project is taken as it is written: PyPI has it, conda's later versions it has not.
    Kind.SUCCESSOR: "another project takes its place, with other names to import",
}

#: How notes begin that a participant has to know who looks for the program by conda's name.
_OTHER_PROGRAM = "Debian calls the program"

_USES_NODE = re.compile(r"\b(node|npm|npx|yarn|mystmd|jupyter[-_]book)\b")


@dataclass(frozen=True)
class Wanted:
    """A declaration in the words of the sources. Sorted, so that order never matters."""

    requirements: tuple[Requirement, ...]  # for PyPI
    python_choice: PythonChoice
    debian: tuple[str, ...]  # package names
    constraints: tuple[Requirement, ...] = ()  # bounds for what PyPI gives anyway
    conda_names: tuple[tuple[str, str], ...] = ()  # project of PyPI, and what the file calls it
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
    so_far = Collected(
        archive,
        imports,
        uses_node=bool(_USES_NODE.search(material)),
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
        place_debian(item.name, item, so_far)
    for item in declaration.r:
        place_r(item, so_far)
    choice = _choose_python(so_far)
    is_r_asked = declaration.r_package or declaration.r_snapshot
    if so_far.r or is_r_asked or any(name.startswith("r-") for name in so_far.debian):
        so_far.debian.update(_R_KERNEL)
    grouped = [f"{heading}: {', '.join(entries)}" for heading, entries in so_far.groups.items()]
    return Wanted(
        requirements=tuple(sorted(so_far.requirements, key=lambda asked: (asked.line, asked.where))),
        python_choice=choice,
        constraints=(*declaration.constraints, *so_far.constraints),
        conda_names=_only_conda_names(declaration, so_far),
        allows_prereleases=allows_prereleases,
        debian=tuple(sorted(so_far.debian)),
        r=tuple(sorted(so_far.r)),
        notices=(*choice.notices, *grouped, *so_far.notices),
    )


def _choose_python(so_far: Collected) -> PythonChoice:
    """Choose once all entries are gone through: what is wrong with one is told beside what is with Python."""
    try:
        choice = choose_python(so_far.python)
    except NotOfferedError as problem:
        choice = problem.instead
    except ResolveError as problem:
        raise RefusedError([Reason(problem.where, problem.what, problem.hint), *so_far.reasons]) from problem
    if so_far.reasons:
        raise RefusedError([*choice.beside_others(), *so_far.reasons])
    return choice


def _only_conda_names(declaration: Declaration, so_far: Collected) -> tuple[tuple[str, str], ...]:
    """Give conda's names of projects that no line for pip names: there PyPI's own is the word."""
    for_pip = {normalised(requirement_lines.name_of(asked.line)) for asked in declaration.requirements}
    return tuple(
        (project, name)
        for project, name in sorted(so_far.conda_names.items())
        if normalised(project) not in for_pip
    )


def _place_conda(spec: CondaSpec, so_far: Collected) -> None:
    row = find_row(spec.name)
    if spec.build and (row is None or row.pypi or row.kind is Kind.PYTHON):
        so_far.tell("build strings are conda's and were dropped", str(spec))
    if row is None or (row.kind is Kind.STANDARD_LIBRARY and _is_imported(spec.name, so_far)):
        _place_unlisted(spec, so_far)
    elif row.kind in _WITHOUT_EFFECT:
        bound = _bound(spec, so_far) if spec.name in _INSTALLERS and spec.version else ""
        shown = str(spec) if row.kind is Kind.STANDARD_LIBRARY else spec.name
        so_far.tell(_WITHOUT_EFFECT[row.kind], shown + bound)
    else:
        _place_by_kind(spec, row, so_far)


def _bound(spec: CondaSpec, so_far: Collected) -> str:
    """Keep the version of an installer for the packages that need it, and give the words that tell so."""
    try:
        version = pep440(spec.version)
    except ValueError as problem:
        return f" (`{spec.name}{spec.version}`, {spec.where}, is without effect: it {problem})"
    if not version:
        return ""
    so_far.constraints.append(Requirement(spec.name + version, spec.where))
    return f" (`{spec.name}{spec.version}`, {spec.where}, holds where a package needs it)"


def _place_by_kind(spec: CondaSpec, row: Row, so_far: Collected) -> None:
    match row.kind:
        case Kind.PYTHON:
            _place_python(spec, so_far)
        case Kind.PYPI_SAME | Kind.PYPI_OTHER | Kind.RENAMED | Kind.SUCCESSOR | Kind.PLATFORM:
            _place_listed(spec, row, so_far)
        case Kind.DEBIAN | Kind.DEBIAN_PYTHON:
            _place_program(spec, row, so_far)
        case Kind.R_DEBIAN | Kind.R_MISSING | Kind.META_R:
            # A collection too: R's resolver refuses it, and proposes what the material loads.
            place_r(_as_item(spec), so_far)
        case Kind.IGNORE_UNLESS_USED:
            if spec.version or so_far.uses_node:
                _place_program(spec, row, so_far)
            else:
                so_far.tell("lab extensions come ready-made, so not needed", spec.name)
        case Kind.KERNEL:
            so_far.refuse(
                spec.where,
                f"`{spec.name}` is a kernel, which the server has of its own for {row.note}",
                f"write `kernels: [{row.note}]` in lectern.yml, and leave `{spec.name}` out",
            )
        case Kind.META:
            _refuse_collection(spec, so_far)
        case Kind.CONDA_ONLY | Kind.DEBIAN_MISSING:
            so_far.refuse(
                spec.where,
                f"`{spec.name}` can only be had from conda" + (f" ({row.note})" if row.note else ""),
                f"leave `{spec.name}` out, or {CHOOSE_CONDA}",
            )


def _place_unlisted(spec: CondaSpec, so_far: Collected) -> None:
    prefix, _, rest = spec.name.partition("-")
    if prefix in {"r", "bioconductor"} and rest:
        place_r(_as_item(spec), so_far)
    elif _is_imported(spec.name, so_far):
        so_far.tell("taken from PyPI because the material imports it", spec.name)
        _require(spec.name, spec, so_far)
    elif is_part_of_python(spec.name):
        so_far.tell(_PART_OF_PYTHON, str(spec))
    elif spec.name.startswith("spacy-model-"):
        what = f"`{spec.name}` is on neither PyPI nor Debian"
        so_far.refuse(spec.where, what, f"put the address of its wheel under `pip:`, or {CHOOSE_CONDA}")
    else:
        way = way_out(spec.name, so_far)
        hint = f"{way} or {CHOOSE_CONDA}" if way else CHOOSE_CONDA
        so_far.refuse(spec.where, f"no package `{spec.name}` is known", hint)


def _is_imported(name: str, so_far: Collected) -> bool:
    return normalised(name).replace("-", "_") in so_far.imports


def _place_python(spec: CondaSpec, so_far: Collected) -> None:
    try:
        so_far.python.append(Item("python", pep440(spec.version), spec.where))
    except ValueError as problem:
        so_far.refuse(spec.where, f"`{spec}` {problem}", "write one version, such as `- python=3.12`")


def _place_listed(spec: CondaSpec, row: Row, so_far: Collected) -> None:
    if normalised(row.name) in _SERVER_PARTS:
        _leave_to_server(spec.name, str(spec), spec.where, so_far)
        return
    if not is_before_node(row.name, spec.version):
        for package in filter(None, (row.debian, *row.also)):
            place_debian(package, Item(package, "", spec.where), so_far)
    if heading := _TAKEN_INSTEAD.get(row.kind):
        lost = f" (without `{spec.version}`, a version of the old one)" if spec.version else ""
        so_far.tell(heading, f"{spec.name} → {row.pypi}{lost}")
        so_far.requirements.add(Requirement(row.pypi, spec.where))
        return
    if row.kind is Kind.PYPI_SAME and row.note.startswith(("TRAP", "a desktop")):
        so_far.notices.append(f"{spec.where}: {spec.name}: {row.note.removeprefix('TRAP: ')}")
    _require(_PYPI_NAMES.get(row.name, row.pypi), spec, so_far)


def _require(project: str, spec: CondaSpec, so_far: Collected) -> None:
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
    if name in LONGER_NUMBERED:
        version = _EXACT_PART.sub(r"==\1.*", version)
    if project != spec.name:
        so_far.conda_names[name] = spec.name
    extras = ",".join(sorted({*filter(None, extras.split(",")), *spec.extras}))
    so_far.requirements.add(
        Requirement(f"{name}[{extras}]{version}" if extras else name + version, spec.where)
    )


def _leave_to_server(name: str, shown: str, where: str, so_far: Collected) -> None:
    pinned = shown != name
    so_far.tell(
        "the server has its own", f"{name} (`{shown}`, {where}, is without effect)" if pinned else name
    )
    if normalised(name) == "jupyter":
        # What conda's and PyPI's `jupyter` brings for a kernel; the rest of it is the server.
        so_far.requirements.add(Requirement("ipywidgets", where))


def _place_program(spec: CondaSpec, row: Row, so_far: Collected) -> None:
    if row.kind is Kind.DEBIAN_PYTHON:
        so_far.notices.append(
            f"{spec.where}: {spec.name}: Debian's programs are installed; Python's `osgeo` is not in the "
            "environment (rasterio, fiona and pyogrio bring their own GDAL)"
        )
    if row.note.startswith(_OTHER_PROGRAM):
        so_far.notices.append(f"{spec.where}: {spec.name}: {row.note}")
    place_debian(row.debian, _as_item(spec), so_far, is_strict=spec.name in _LANGUAGES)
    for package in row.also:
        place_debian(package, Item(package, "", spec.where), so_far)


def _refuse_collection(spec: CondaSpec, so_far: Collected) -> None:
    found = ", ".join(sorted(so_far.imports)[:30])
    so_far.refuse(
        spec.where,
        f"`{spec.name}` stands for hundreds of packages, of which a course uses a few",
        f"list those in its place; the material imports: {found}"
        if found
        else "list those that are imported in its place",
    )


def _read_options(options: tuple[Item, ...], so_far: Collected) -> bool:
    refused, idle, allows_prereleases = requirement_lines.read_options(options)
    so_far.reasons += refused
    for option in idle:
        so_far.tell("options without effect here", option)
    return allows_prereleases


def _place_requirement(asked: Requirement, so_far: Collected) -> None:
    name = requirement_lines.name_of(asked.line)
    row = find_row(name) if name else None
    if row and normalised(name) in _SERVER_PARTS and not requirement_lines.is_direct(asked.line):
        _leave_to_server(name, asked.line, asked.where, so_far)
    elif row and row.kind is Kind.RENAMED and not requirement_lines.is_direct(asked.line):
        so_far.tell(_TAKEN_INSTEAD[row.kind], f"{asked.line} → {row.pypi}")
        so_far.requirements.add(Requirement(row.pypi, asked.where))
    else:
        so_far.requirements.add(asked)
        # Under `pip:` too: what runs on Node would fetch it when it is first used, where there is no network.
        if row and row.debian == NODE and not is_before_node(row.name, _version_of(asked.line)):
            place_debian(NODE, Item(NODE, "", asked.where), so_far)


def _version_of(line: str) -> str:
    found = requirement_lines.parse(Requirement(line, ""))
    return "" if isinstance(found, Reason) else str(found.specifier)


def _as_item(spec: CondaSpec) -> Item:
    return Item(spec.name, spec.version, spec.where)
