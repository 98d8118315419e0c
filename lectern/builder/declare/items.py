"""What readers of declaration files hand on: values that know their file and line."""

from __future__ import annotations

import re
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
        channel = f"{self.channel}::" if self.channel else ""
        return f"{channel}{self.name}{extras}{self._version_and_build()}"

    def _version_and_build(self) -> str:
        if not self.build:
            return self.version
        if not self.version:
            return f"=*={self.build}"
        if re.fullmatch(r"={1,2}[^,|]+", self.version):
            is_exact = self.version.startswith("==")
            return f"={self.version.lstrip('=')}{'' if is_exact else '.*'}={self.build}"
        return f" {self.version} {self.build}"


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
