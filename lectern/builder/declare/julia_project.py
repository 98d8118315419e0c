"""Project.toml and Manifest.toml: a Julia project, handed on as it is, with what the tools need to know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.declare.files import MAX_LOCK_BYTES, require_few, shown
from lectern.builder.declare.items import Item, JuliaProject
from lectern.builder.declare.toml_text import Toml, load_toml
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Source, Text

_PROJECTS = ("JuliaProject.toml", "Project.toml")
_MANIFESTS = ("JuliaManifest.toml", "Manifest.toml")
_NAME = re.compile(r"[^\W\d]\w*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMPAT = re.compile(r"[0-9A-Za-z.,^~<>=≥≤+* -]+")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?")


def julia_files(source: Source) -> tuple[str | None, str | None]:
    """Name a repo's project and manifest, each None where it has none; Julia prefers the names of its own."""
    project, manifest = (
        next((name for name in names if source.has(name)), None) for names in (_PROJECTS, _MANIFESTS)
    )
    return project, manifest


def find_julia_project(source: Source) -> JuliaProject | None:
    """Read a repo's Julia project, if it has one.

    Raises
    ------
    DeclarationError
        A file cannot be used, or there is a manifest without a project.
    """
    project, manifest = julia_files(source)
    if not project:
        if manifest:
            raise DeclarationError(
                "has no Project.toml beside it",
                where=source.path(manifest),
                hint="add Project.toml to the repo",
            )
        return None
    text = source.read_text(source.path(project))
    locked = source.find_text(manifest, max_bytes=MAX_LOCK_BYTES) if manifest else None
    toml = load_toml(text)
    compat = _strings(toml, "compat", _COMPAT, "a version such as `1.10`")
    packages = _strings(toml, "deps", _UUID, "the package's UUID; Pkg.add writes it")
    require_few(len(packages), text.path)
    wanted = compat.get("julia")
    version = Item("julia", wanted, toml.where("compat", "julia")) if wanted else None
    return JuliaProject(
        project=text.content,
        manifest=locked.content if locked else "",
        version=version or (_locked_version(locked) if locked else None),
        packages=tuple(
            Item(name, compat.get(name, ""), toml.where("deps", name)) for name in sorted(packages)
        ),
    )


def _strings(toml: Toml, table: str, form: re.Pattern[str], wanted: str) -> dict[str, str]:
    """Give a table whose keys are packages and whose values have one form."""
    found = toml.table(table)
    for name, value in found.items():
        if not _NAME.fullmatch(name):
            raise DeclarationError(
                f"`{shown(name)}` is no name of a Julia package",
                where=toml.where(table, name),
                hint="take the line out",
            )
        if not isinstance(value, str) or not form.fullmatch(value):
            raise DeclarationError(
                f"`{name} = {shown(value)}` cannot be used",
                where=toml.where(table, name),
                hint=f"give {wanted}",
            )
    return found


def _locked_version(manifest: Text) -> Item | None:
    toml = load_toml(manifest)
    version = toml.document.get("julia_version")
    if version is None:
        return None
    where = toml.where("", "julia_version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise DeclarationError(
            f"`{shown(version)}` is no version of Julia", where=where, hint="let Pkg.resolve write the file"
        )
    return Item("julia", f"={version}", where)
