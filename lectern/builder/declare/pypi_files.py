"""requirements.txt and pyproject.toml, which count where there is no environment.yml (as on mybinder.org)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.builder.declare.files import MAX_LOCK_BYTES
from lectern.builder.declare.items import Item
from lectern.builder.declare.pyproject_toml import read_pyproject
from lectern.builder.declare.requirements_txt import PipLines, Reader
from lectern.builder.declare.toml_text import load_toml

if TYPE_CHECKING:
    from lectern.builder.declare.files import Source

_READ = ("requirements.txt", "pyproject.toml")
#: Would have to be run, or have a format of their own.
_NEVER_READ = ("setup.py", "setup.cfg", "Pipfile", "Pipfile.lock")


@dataclass(frozen=True)
class PypiFiles:
    """What a repo's Python files ask for."""

    pip: PipLines = field(default_factory=PipLines)
    python: Item | None = None  # requires-python
    uv_lock: str = ""  # text of the uv.lock beside pyproject.toml


def read_pypi_files(source: Source) -> PypiFiles:
    """Read requirements.txt and pyproject.toml.

    Raises
    ------
    DeclarationError
        One of them cannot be used.
    """
    pip = PipLines()
    if text := source.find_text("requirements.txt", max_bytes=MAX_LOCK_BYTES):
        pip += Reader(source, folder="").read_file(text)
        if pip.dead:
            dead = ", ".join(sorted(set(pip.dead)))
            pip += PipLines(notices=(f"{text.path}: without effect here: {dead}",))
    if unread := [name for name in _NEVER_READ if source.has(name)]:
        pip += PipLines(notices=(f"not read: {', '.join(unread)}; list packages in requirements.txt",))
    pyproject = source.find_text("pyproject.toml")
    if not pyproject:
        return PypiFiles(pip)
    project = read_pyproject(pyproject)
    pip += PipLines(requirements=project.requirements, notices=project.notices)
    if project.is_built and not source.folder:
        itself = Item(".", "", pyproject.path)
        pip += PipLines(local=() if any(item.name == "." for item in pip.local) else (itself,))
    lock = source.find_text("uv.lock", max_bytes=MAX_LOCK_BYTES)
    if lock:
        load_toml(lock)
    return PypiFiles(pip, project.python, lock.content if lock else "")


def said_of_unread(source: Source, read: tuple[str, ...]) -> tuple[str, ...]:
    """Give the notice on Python files that do not count beside environment.yml, but for those it includes."""
    unread = [name for name in _READ if source.has(name) and source.path(name) not in read]
    if not unread:
        return ()
    how = "; `- -r requirements.txt` under `pip:` reads it" if unread[0] == "requirements.txt" else ""
    return (f"{', '.join(unread)}: not read beside environment.yml, as on mybinder.org{how}",)
