"""Pipfile and Pipfile.lock: pipenv's lists, read as lines for pip; the lock counts where there is one."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.builder.declare.files import MAX_LOCK_BYTES, shown
from lectern.builder.declare.items import Item
from lectern.builder.declare.requirements_txt import PipLines, Reader
from lectern.builder.declare.toml_text import load_toml
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lectern.builder.declare.files import Source, Text

_PYTHON = re.compile(r"\d{1,2}(?:\.\d{1,3}){0,2}", re.ASCII)
#: pipenv's own index, by the names that it had; another one is an option, and the resolver's to judge.
_PYPI = re.compile(r"https?://pypi\.(?:python\.)?org(?:[:/?#]|$)", re.IGNORECASE)
#: Keys of an entry that are environment markers (PEP 508) of that name.
_MARKERS = ("os_name", "sys_platform", "platform_machine", "platform_system", "python_version")


@dataclass(frozen=True)
class Pipfile:
    """What pipenv's files ask for."""

    pip: PipLines
    python: Item | None = None  # [requires]


def find_pipfile(source: Source) -> Pipfile | None:
    """Read Pipfile.lock, else Pipfile; packages for development count, as on mybinder.org.

    Raises
    ------
    DeclarationError
        It cannot be used.
    """
    if text := source.find_text("Pipfile.lock", max_bytes=MAX_LOCK_BYTES):
        path = text.path
        return _read(source, text, _json(text), ("default", "develop"), lambda *_: path)
    if text := source.find_text("Pipfile"):
        toml = load_toml(text)
        return _read(source, text, toml.document, ("packages", "dev-packages"), toml.where)
    return None


def _read(
    source: Source,
    text: Text,
    document: Mapping[str, Any],
    tables: tuple[str, ...],
    where: Callable[[str, str], str],
) -> Pipfile:
    reader = Reader(source, posixpath.dirname(text.path))
    lines = [
        (_line(name, entry, where(table, name)), where(table, name))
        for table in tables
        for name, entry in _table(document, table, text).items()
    ]
    meta = _table(document, "_meta", text)
    sources = meta.get("sources", document.get("source", []))
    lines += [
        (f"--extra-index-url {address}", _where_said(address, text)) for address in _other_indexes(sources)
    ]
    requires = _table(meta, "requires", text) or _table(document, "requires", text)
    pip = PipLines(files=(text.path,)) + reader.read_lines(text, lines)
    return Pipfile(pip, _python(requires, where))


def _table(document: Mapping[str, Any], name: str, text: Text) -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise DeclarationError(f"`{name}` is no table", where=text.path, hint="`pipenv lock` writes it anew")
    return found


def _other_indexes(sources: object) -> list[str]:
    listed = sources if isinstance(sources, list) else []
    urls = [str(source.get("url", "")) for source in listed if isinstance(source, dict)]
    return [url for url in urls if url and not _PYPI.match(url)]


def _where_said(value: str, text: Text) -> str:
    """Give file:line of a quoted value; only the file when it is written in an unusual way."""
    return next((where for line, where in text.lines() if value in line), text.path)


def _line(name: str, entry: object, where: str) -> str:
    """Write an entry as a line for pip."""
    asked = {"version": entry} if isinstance(entry, str) else entry
    if not isinstance(asked, dict) or not all(isinstance(name, str) for name in asked):
        raise _refusal(name, where)
    extras = asked.get("extras", [])
    if not isinstance(extras, list) or any("\n" in str(value) for value in (name, *asked.values())):
        raise _refusal(name, where)
    wanted = f"[{','.join(map(str, extras))}]" if extras else ""
    if path := asked.get("path"):
        return f"{'-e ' if asked.get('editable') else ''}{_as_folder(str(path))}{wanted}"
    if git := asked.get("git"):
        reference = f"@{asked['ref']}" if asked.get("ref") else ""
        address = f"git+{str(git).removeprefix('git+')}{reference}"
    else:
        address = str(asked.get("file", ""))
    version = str(asked.get("version", "*")).strip()
    if version != "*" and version[:1] not in set("<>=!~"):
        raise _refusal(name, where)
    pinned = f" @ {address}" if address else version.removeprefix("*")
    markers = [str(asked["markers"])] if asked.get("markers") else []
    markers += [f"{key} {asked[key]}" for key in _MARKERS if asked.get(key)]
    return f"{name}{wanted}{pinned}" + (f" ; {' and '.join(markers)}" if markers else "")


def _as_folder(path: str) -> str:
    return path if path.startswith((".", "/", "file:")) else f"./{path}"


def _python(requires: Mapping[str, Any], where: Callable[[str, str], str]) -> Item | None:
    for key in ("python_full_version", "python_version"):
        version = requires.get(key)
        if version is None or version == "*":
            continue
        if not isinstance(version, str) or not _PYTHON.fullmatch(version):
            raise DeclarationError(
                f"`{shown(version)}` is no Python",
                where=where("requires", key),
                hint='write `python_version = "3.13"`',
            )
        series = version if version.count(".") == 2 else f"{version}.*"  # noqa: PLR2004
        return Item("python", f"=={series}", where("requires", key))
    return None


def _refusal(name: str, where: str) -> DeclarationError:
    return DeclarationError(
        f"`{shown(name)}` has no version that can be read", where=where, hint='write `name = ">=1"`'
    )


def _json(text: Text) -> dict[str, Any]:
    try:
        document = json.loads(text.content)
    except (ValueError, RecursionError) as problem:
        line = getattr(problem, "lineno", 1)
        raise DeclarationError(
            "is no lock of pipenv", where=text.where(line), hint="`pipenv lock` writes it anew"
        ) from problem
    if not isinstance(document, dict):
        raise DeclarationError("is no lock of pipenv", where=text.path, hint="`pipenv lock` writes it anew")
    return document
