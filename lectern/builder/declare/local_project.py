"""A Python project that lies in the repo: what it needs is read from its files, which are not run."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.declare.files import shown
from lectern.builder.declare.items import Requirement
from lectern.builder.declare.pyproject_toml import read_pyproject
from lectern.builder.resolve.static_metadata import UnknownMetadataError, read_folder
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Source

_PATH = re.compile(r"(?P<path>[A-Za-z0-9._/ -]+?)\s*(?:\[(?P<extras>[A-Za-z0-9._, -]*)\])?", re.ASCII)
_BUILT = (".whl", ".zip", ".gz", ".bz2", ".xz")


@dataclass(frozen=True)
class LocalProject:
    """A project's folder in the repo and what it needs from PyPI."""

    folder: str
    requirements: tuple[Requirement, ...]
    files: tuple[str, ...] = ()  # that were read
    notices: tuple[str, ...] = ()


def read_local(source: Source, base: str, text: str, where: str) -> LocalProject:
    """Read `./x` or `.[extra]`, as seen from a folder of the repo.

    The project itself is installed when the repo's files are in the image, without dependencies:
    those are read here, so that they are locked like all others.

    Raises
    ------
    DeclarationError
        There is no project there.
    """
    match = _PATH.fullmatch(text.removeprefix("file:"))
    if not match:
        raise DeclarationError(
            f"`{shown(text)}` is no folder of the repo", where=where, hint="write `-e .` or `./folder`"
        )
    folder = source.beside(base, match["path"], where)
    if folder.endswith(_BUILT):
        raise DeclarationError(
            f"`{shown(text)}` is a built package",
            where=where,
            hint="put the project's folder there, or name the package by its address",
        )
    path = posixpath.join("" if folder == "." else folder, "pyproject.toml")
    if source.is_there(path):
        project = read_pyproject(source.read_text(path))
        if not project.is_dynamic:
            extras = [extra.strip() for extra in (match["extras"] or "").split(",") if extra.strip()]
            return LocalProject(folder, project.wanted(extras, where), (path,))
    elif not source.is_there(posixpath.join(folder, "setup.py")):
        raise DeclarationError(
            f"`{shown(text)}` is no Python project",
            where=where,
            hint="the folder needs a pyproject.toml (or a setup.py)",
        )
    try:
        needs = read_folder(source.repo / folder).requires
    except UnknownMetadataError:
        told = f"{where}: what `{folder}` needs is only known when it is built: list it in requirements.txt"
        return LocalProject(folder, (), notices=(told,))
    plain = (line for line in needs if "extra ==" not in line)
    return LocalProject(folder, tuple(Requirement(line, where) for line in plain))
