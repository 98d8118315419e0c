"""An environment repo's files → Declaration, with file and line on each item. Reads; runs nothing."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lectern.builder.declare.apt_txt import read_apt_txt
from lectern.builder.declare.content_hash import content_hash
from lectern.builder.declare.description import Description, is_r_package, read_description
from lectern.builder.declare.environment_yml import EnvironmentYml, read_environment_yml, united_specs
from lectern.builder.declare.files import MAX_LOCK_BYTES, open_source, said_of_outside
from lectern.builder.declare.install_r import InstallR, read_install_r
from lectern.builder.declare.items import CondaSpec, Item, JuliaProject, Requirement
from lectern.builder.declare.julia_project import find_julia_project
from lectern.builder.declare.lectern_yml import LecternYml, read_lectern_yml
from lectern.builder.declare.post_build import PostBuild, read_post_build
from lectern.builder.declare.pypi_files import PypiFiles, read_pypi_files, said_of_unread
from lectern.builder.declare.python_version import both_pythons, python_of_conda
from lectern.builder.declare.r_package import united
from lectern.builder.declare.runtime_txt import Runtime, read_runtime_txt
from lectern.builder.declare.verbatim import find_check, find_templates, read_verbatim
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lectern.builder.declare.files import Source, Text

__all__ = ["CondaSpec", "Declaration", "Item", "JuliaProject", "Requirement", "read_declaration"]

#: Another tool's whole recipe: nothing of it is read, an operator may allow it.
_FOREIGN = ("Dockerfile", "default.nix")
_LOCK = "lectern.lock"
_ALONE = "no package is declared: the image has Python alone, as on mybinder.org; add environment.yml"


@dataclass(frozen=True)
class Declaration:
    """What an environment repo asks for."""

    conda: tuple[CondaSpec, ...] = ()  # environment.yml's entries, each name once, `python` included
    channels: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()  # for PyPI
    constraints: tuple[Requirement, ...] = ()  # `-c`: bounds for what is installed anyway
    options: tuple[Item, ...] = ()  # pip's: name "--extra-index-url", version the address
    local: tuple[Item, ...] = ()  # Python projects in the repo: name is the folder, version "editable" or ""
    python: Item | None = None  # version is a PEP 440 set ("==3.11.*"); None when any will do
    apt: tuple[Item, ...] = ()  # Debian packages
    r: tuple[Item, ...] = ()  # names of CRAN or Bioconductor, version such as ">=1.1"
    r_package: Item | None = None  # the repo itself is this R package (DESCRIPTION)
    r_snapshot: Item | None = None  # name is the date, version R's own or ""
    julia: JuliaProject | None = None
    kernels: tuple[Item, ...] = ()  # further languages, names of the catalogue
    resolver: str = ""  # "fast", "conda", or "": as the installation has it
    texts: dict[str, str] = field(default_factory=dict)  # files that are used as they are, by name
    templates: tuple[str, ...] = ()  # files of templates/, paths in the repo
    check: str = ""  # the instructor's own smoke test, path in the repo
    needs_network: bool = False  # the smoke test may use the network
    foreign: tuple[str, ...] = ()  # Dockerfile, default.nix: another tool's whole recipe
    prefix: str = ""  # environment.yml's `prefix:`: where an exported environment was
    commit: str = ""  # hash of the folder's content
    notices: tuple[str, ...] = ()


def read_declaration(repo: Path) -> Declaration:
    """Read an environment repo: binder/, else .binder/, else the repo itself holds all its files.

    Raises
    ------
    DeclarationError
        A file cannot be used; names file and line. Or there is no declaration at all.
    """
    source = open_source(repo)
    declaration = _read_all(source)
    texts = {name: text for name, text in declaration.texts.items() if name != _LOCK}
    asked = replace(declaration, channels=(), check="", templates=(), prefix="", notices=(), texts=texts)
    if asked == Declaration():
        _require_material(repo)
        declaration = replace(declaration, notices=(*declaration.notices, _ALONE))
    return replace(declaration, commit=content_hash(repo))


def require_declared(declaration: Declaration, *, where: str) -> None:
    """Refuse a repo that declares nothing: what is pushed for a course must not lose its packages unnoticed.

    Raises
    ------
    DeclarationError
        `read_declaration` found no file that asks for anything.
    """
    if _ALONE in declaration.notices:
        raise DeclarationError(
            "declares nothing",
            where=where,
            hint="add environment.yml at the root or in binder/; a list with `- python` alone is one",
        )


def _require_material(repo: Path) -> None:
    if all(path.name == ".git" for path in repo.iterdir()):
        raise DeclarationError(
            "is empty",
            where=repo.resolve().name,
            hint="add environment.yml; environments/data-literacy is an example",
        )


def _read_all(source: Source) -> Declaration:
    if source.has("REQUIRE") and not find_julia_project(source):
        raise DeclarationError(
            "is Julia's list of before 1.0, which is not read",
            where=source.path("REQUIRE"),
            hint="write Project.toml",
        )
    yml_text = source.find_text("environment.yml") or source.find_text("environment.yaml")
    yml = read_environment_yml(source, yml_text) if yml_text else EnvironmentYml()
    pypi = PypiFiles(yml.pip) if yml_text else read_pypi_files(source)
    after = _post_build(source)
    conda, said_of_twins = united_specs((*yml.conda, *after.conda))
    runtime = _read(source, "runtime.txt", read_runtime_txt, Runtime())
    script = _read(source, "install.R", read_install_r, InstallR())
    read_needs = functools.partial(read_description, is_package=is_r_package(source))
    description = _read(source, "DESCRIPTION", read_needs, Description())
    ours = _read(source, "lectern.yml", read_lectern_yml, LecternYml())
    python, said_of_python = _python(yml, runtime, pypi)
    pip = pypi.pip + after.pip
    texts = read_verbatim(source) | ({"uv.lock": pypi.uv_lock} if pypi.uv_lock else {})
    lock = source.find_text(_LOCK, max_bytes=MAX_LOCK_BYTES)
    if lock and lock.content.strip():  # `lectern lock . > lectern.lock` empties it before it is read
        texts[_LOCK] = lock.content
    return Declaration(
        conda=conda,
        channels=yml.channels,
        requirements=pip.requirements,
        constraints=pip.constraints,
        options=pip.options,
        local=pip.local,
        python=python,
        apt=_read(source, "apt.txt", read_apt_txt, ()),
        r=united((*script.packages, *description.needs, *after.r)),
        r_package=description.package,
        r_snapshot=runtime.r_snapshot,
        julia=find_julia_project(source),
        kernels=(*ours.kernels, *after.kernels),
        resolver=ours.resolver,
        texts=texts | ({"postBuild": after.script} if after.script else {}),
        templates=find_templates(source),
        check=find_check(source),
        needs_network=ours.needs_network,
        foreign=tuple(source.path(name) for name in _FOREIGN if source.has(name)),
        prefix=yml.prefix,
        notices=(
            *said_of_outside(source),
            *yml.notices,
            *(said_of_unread(source, pypi.pip.files) if yml_text else ()),
            *pip.notices,
            *said_of_python,
            *script.notices,
            *description.notices,
            *said_of_twins,
            *after.notices,
        ),
    )


def _post_build(source: Source) -> PostBuild:
    text = source.find_text("postBuild")
    return read_post_build(source, text) if text else PostBuild()


def _read[Read](source: Source, name: str, reader: Callable[[Text], Read], absent: Read) -> Read:
    text = source.find_text(name)
    return reader(text) if text else absent


def _python(yml: EnvironmentYml, runtime: Runtime, pypi: PypiFiles) -> tuple[Item | None, tuple[str, ...]]:
    """Say which Python counts: environment.yml's, Pipfile's, else what both other files admit."""
    spec = next((spec for spec in yml.conda if spec.name == "python"), None)
    wanted = python_of_conda(spec) if spec else pypi.sole_python
    if not wanted:
        return both_pythons(runtime.python, pypi.python), ()
    if not runtime.python:
        return wanted, ()
    return wanted, (f"{runtime.python.where}: not used, as {wanted.where} names a Python",)
