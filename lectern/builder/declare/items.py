"""What readers of declaration files hand on: values that know their file and line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Item:
    """One thing that was asked for."""

    name: str
    version: str  # as written, "" when any will do
    where: str  # "environment.yml:7"


@dataclass(frozen=True, order=True)
class CondaSpec:
    """One entry of environment.yml's dependencies; entries of the same name are one."""

    name: str  # lower case, conda's name
    version: str = ""  # conda's expression, each part with its operator: "=1.2", "==1.2.3", ">=1,<2", "=1|=2"
    build: str = ""  # a pattern, "" when none
    channel: str = ""  # "" when none
    extras: tuple[str, ...] = ()  # pyvista[all]
    where: str = ""

    def __str__(self) -> str:
        """Write the entry as a person would."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        build = f"{'' if self.version else '=*'}={self.build}" if self.build else ""
        version = self.version.removeprefix("=") if build and self.version[:2] == "==" else self.version
        channel = f"{self.channel}::" if self.channel else ""
        return f"{channel}{self.name}{extras}{version}{build}"


@dataclass(frozen=True, order=True)
class Requirement:
    """One requirement for PyPI, from environment.yml's `pip:`, requirements.txt or pyproject.toml."""

    line: str  # as uv takes it: "pandas>=2", "name @ git+https://…"
    where: str


@dataclass(frozen=True)
class JuliaProject:
    """A Julia project: its files as they are, and what the tools need to know of them."""

    project: str  # text of Project.toml
    manifest: str  # text of Manifest.toml, "" when there is none
    version: Item | None  # of Julia: [compat]'s `julia`, else the manifest's; None when any will do
    packages: tuple[Item, ...]  # [deps], with the version of [compat]
