"""Python projects' own files, which count where there is no environment.yml (as on mybinder.org)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.builder.declare.files import MAX_LOCK_BYTES
from lectern.builder.declare.pipfile import find_pipfile
from lectern.builder.declare.pyproject_toml import read_pyproject
from lectern.builder.declare.requirements_txt import PipLines, Reader
from lectern.builder.declare.toml_text import load_toml

if TYPE_CHECKING:
    from lectern.builder.declare.files import Source
    from lectern.builder.declare.items import Item

_READ = ("requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "Pipfile.lock")
_PIPENV = ("Pipfile", "Pipfile.lock")


@dataclass(frozen=True)
class PypiFiles:
    """What a repo's Python files ask for."""

    pip: PipLines = field(default_factory=PipLines)
    python: Item | None = None  # requires-python
    uv_lock: str = ""  # text of the uv.lock beside pyproject.toml
    sole_python: Item | None = None  # Pipfile's, which leaves that of runtime.txt aside


def read_pypi_files(source: Source) -> PypiFiles:
    """Read pipenv's files, else requirements.txt, pyproject.toml and setup.py.

    Raises
    ------
    DeclarationError
        One of them cannot be used.
    """
    pipfile = find_pipfile(source)
    if pipfile:
        read = {"setup.py", "pyproject.toml"} if pipfile.pip.local else set()
        unread = [name for name in _READ if name not in {*_PIPENV, *read} and source.has(name)]
        told = (f"{', '.join(unread)}: not read beside Pipfile, as on mybinder.org",) if unread else ()
        return PypiFiles(pipfile.pip + PipLines(notices=told), sole_python=pipfile.python)
    pip = PipLines()
    if text := source.find_text("requirements.txt", max_bytes=MAX_LOCK_BYTES):
        pip += Reader(source, folder="").read_file(text)
        if pip.dead:
            dead = ", ".join(sorted(set(pip.dead)))
            pip += PipLines(notices=(f"{text.path}: without effect here: {dead}",))
    pyproject = source.find_text("pyproject.toml")
    project = read_pyproject(pyproject) if pyproject else None
    is_named = any(item.name == "." for item in pip.local)
    setup = source.find_text("setup.py")
    is_built = project and project.is_built and _has_one_of(source, project.modules)
    itself = pyproject if is_built else setup
    if itself and not is_named and not source.folder:
        pip += Reader(source, folder="").read_lines(itself, [(".", itself.path)])
        is_named = True
    if not project:
        return PypiFiles(pip)
    if not is_named or not is_built:
        pip += PipLines(requirements=project.requirements)
    lock = source.find_text("uv.lock", max_bytes=MAX_LOCK_BYTES)
    if lock:
        load_toml(lock)
    return PypiFiles(pip, project.python, lock.content if lock else "")


def _has_one_of(source: Source, paths: tuple[str, ...]) -> bool:
    return not paths or any(source.is_there(path) for path in paths)


def said_of_unread(source: Source, read: tuple[str, ...]) -> tuple[str, ...]:
    """Give the notice on Python files that do not count beside environment.yml, but for those it includes."""
    unread = [name for name in _READ if source.has(name) and source.path(name) not in read]
    if not unread:
        return ()
    how = "; `- -r requirements.txt` under `pip:` reads it" if unread[0] == "requirements.txt" else ""
    return (f"{', '.join(unread)}: not read beside environment.yml, as on mybinder.org{how}",)
