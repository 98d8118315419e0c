"""pyproject.toml: a project's own requirements, as PEP 621 has them, or poetry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.items import Item, Requirement
from lectern.builder.declare.poetry import poetry_requirements
from lectern.builder.declare.requirement import read_requirement
from lectern.builder.declare.toml_text import Toml, load_toml
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.declare.files import Text


@dataclass(frozen=True)
class Project:
    """What pyproject.toml says of itself."""

    is_built: bool  # [project] and [build-system]: the project itself can be installed
    is_dynamic: bool  # its requirements are known only when it is built
    requirements: tuple[Requirement, ...]
    extras: dict[str, tuple[Requirement, ...]]
    python: Item | None
    modules: tuple[str, ...] = ()  # one of them has to be there, or there is nothing to install

    def wanted(self, extras: Iterable[str], where: str) -> tuple[Requirement, ...]:
        """Give its requirements and those of some extras.

        Raises
        ------
        DeclarationError
            It has no such extra.
        """
        found = list(self.requirements)
        for extra in extras:
            if extra not in self.extras:
                known = ", ".join(self.extras) or "none"
                raise DeclarationError(
                    f"no extra `{shown(extra)}` is declared", where=where, hint=f"there are: {known}"
                )
            found += self.extras[extra]
        return tuple(found)


def read_pyproject(text: Text) -> Project:
    """Read a pyproject.toml; one without [project], or poetry's table for it, asks for nothing.

    Raises
    ------
    DeclarationError
        It is no TOML, or [project] is not as PEP 621 has it.
    """
    toml = load_toml(text)
    project = toml.table("project")
    if not project and "dependencies" in toml.table("tool", "poetry"):
        return _of_poetry(toml)
    dynamic = project.get("dynamic", [])
    return Project(
        is_built=bool(project) and "build-system" in toml.document,
        is_dynamic=not project or (isinstance(dynamic, list) and "dependencies" in dynamic),
        requirements=_requirements(toml, project.get("dependencies", []), "project", "dependencies"),
        extras={
            name: _requirements(toml, listed, "project.optional-dependencies", name)
            for name, listed in toml.table("project", "optional-dependencies").items()
        },
        python=_python(project.get("requires-python", ""), toml.where("project", "requires-python")),
    )


def _of_poetry(toml: Toml) -> Project:
    lines, python = poetry_requirements(toml)
    poetry = toml.table("tool", "poetry")
    name = re.sub(r"[^a-z0-9]+", "_", str(poetry.get("name", "")).lower())
    places = (name, f"src/{name}", f"{name}.py", f"src/{name}.py")
    return Project(
        is_built="build-system" in toml.document and poetry.get("package-mode", True) is True,
        is_dynamic=False,
        requirements=tuple(read_requirement(line, where) for line, where in lines),
        extras={},
        python=_python(*python) if python else None,
        modules=() if "packages" in poetry else places,
    )


def _requirements(toml: Toml, listed: object, table: str, key: str) -> tuple[Requirement, ...]:
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise DeclarationError(
            f"`{shown(key)}` is no list of requirements",
            where=toml.where(table, key),
            hint='write `["pandas>=2"]`',
        )
    require_few(len(listed), toml.text.path)
    return tuple(read_requirement(entry.strip(), toml.where_value(table, key, entry)) for entry in listed)


def _python(wanted: object, where: str) -> Item | None:
    try:
        version = str(SpecifierSet(wanted)) if isinstance(wanted, str) else None
    except InvalidSpecifier:
        version = None
    if version is None:
        raise DeclarationError(
            f"`{shown(wanted)}` is no range of versions",
            where=where,
            hint='write `requires-python = ">=3.11"`',
        )
    return Item("python", version, where) if version else None
