"""[tool.poetry.dependencies] of a pyproject.toml, in PEP 508's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lectern.builder.declare.files import shown
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.toml_text import Toml

TABLE = "tool.poetry.dependencies"

_PARTS = re.compile(r"\d+(?:\.\d+)*", re.ASCII)


def poetry_requirements(toml: Toml) -> tuple[list[tuple[str, str]], tuple[str, str] | None]:
    """Give lines for pip with their places, and the version of Python with its.

    References
    ----------
    https://python-poetry.org/docs/dependency-specification/

    Raises
    ------
    DeclarationError
        An entry cannot be used.
    """
    lines, python = [], None
    for name, entry in toml.table("tool", "poetry", "dependencies").items():
        where = toml.where(TABLE, name)
        if name == "python":
            python = (_version(str(entry), where), where)
        elif not (isinstance(entry, dict) and entry.get("optional")):
            lines.append((_line(name, entry, where), where))
    return lines, python


#: One of these says which release is meant.
_SOURCES = ("version", "git", "url", "path")


def _line(name: str, entry: Any, where: str) -> str:  # noqa: ANN401
    asked = {"version": entry} if isinstance(entry, str) else entry
    extras = asked.get("extras", []) if isinstance(asked, dict) else None
    if not isinstance(extras, list) or not any(map(asked.get, _SOURCES)):
        raise DeclarationError(
            f"`{shown(name)}` has no version that can be read", where=where, hint='write `name = "^1.2"`'
        )
    wanted = f"[{','.join(map(str, extras))}]" if extras else ""
    if asked.get("path"):
        raise DeclarationError(
            f"`{shown(name)}` is a folder", where=where, hint="name it in requirements.txt: `-e ./folder`"
        )
    if git := asked.get("git"):
        reference = next((f"@{asked[key]}" for key in ("rev", "tag", "branch") if asked.get(key)), "")
        pinned = f" @ git+{git}{reference}"
    elif url := asked.get("url"):
        pinned = f" @ {url}"
    else:
        pinned = _version(str(asked["version"]), where)
    markers = [str(asked["markers"])] if asked.get("markers") else []
    if python := asked.get("python"):
        markers += [
            f"python_version {match[1]} '{match[2]}'"
            for match in re.finditer(r"([<>=!~]+)([\d.*]+)", _version(str(python), where))
        ]
    return f"{name}{wanted}{pinned}" + (f" ; {' and '.join(markers)}" if markers else "")


def _version(text: str, where: str) -> str:
    """Write poetry's `^1.2`, `~1.2`, `1.*` and bare versions as PEP 440 has them."""
    if "|" in text:
        raise DeclarationError(
            f"`{shown(text)}` has alternatives", where=where, hint='write one range, such as `">=1.2,<3"`'
        )
    return ",".join(_clause(clause.strip()) for clause in text.split(",") if clause.strip() not in {"", "*"})


def _clause(clause: str) -> str:
    sign, version = clause[:1], clause[1:].strip()
    if sign == "^" and _PARTS.fullmatch(version):
        numbers = [int(part) for part in version.split(".")]
        # What may not change is the first part that is not zero, or the last one that is there.
        kept = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return f">={version},<{_next(numbers, kept)}"
    if sign == "~" and not version.startswith("=") and _PARTS.fullmatch(version):
        numbers = [int(part) for part in version.split(".")]
        return f">={version},<{_next(numbers, min(1, len(numbers) - 1))}"
    return clause if sign in "<>=!~" else f"=={clause}"


def _next(numbers: list[int], position: int) -> str:
    return ".".join(map(str, [*numbers[:position], numbers[position] + 1]))
