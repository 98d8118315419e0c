"""What a source tree says about itself, read and never run.

A builder holds the machine's Docker socket, so no `setup.py` of a stranger runs in it. Most source
releases say what they need in a file; those that only their code can tell are refused with a reason.
"""

from __future__ import annotations

import ast
import configparser
import email.parser
import io
import re
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

_MAX_TEXT = 1 << 20
#: A tar file is unpacked on the way to its last member, and few bytes can become many.
_MAX_UNPACKED = 4 << 30
_COMPILED = (".c", ".cc", ".cpp", ".cxx", ".pyx", ".f", ".f90", ".f95", ".rs", ".go", ".cu", ".m", ".swg")
_NOT_BUILT = re.compile(r"(^|/)(tests?|docs?|examples?|benchmarks?)/")
_READ = re.compile(
    r"^(PKG-INFO|METADATA|pyproject\.toml|setup\.cfg|setup\.py|[^/]*\.dist-info/METADATA"
    r"|([^/]*/)?[^/]*\.egg-info/(requires\.txt|PKG-INFO))$"
)
# What Python's own readers raise for texts of which nothing is known.
_UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
#: The first version of the format in which a field that is not marked dynamic can be relied on (PEP 643).
_RELIABLE = Version("2.2")


@dataclass(frozen=True)
class Metadata:
    """What a source tree or wheel needs."""

    name: str
    version: str  # "" where only a build would tell
    requires: tuple[str, ...]
    extras: tuple[str, ...] = ()
    is_pure: bool = True  # nothing has to be compiled


class UnknownMetadataError(ValueError):
    """Only running the tree's code would tell; the text says what is missing."""


def read_archive(content: bytes | BinaryIO, subdirectory: str = "") -> Metadata:
    """Read a source archive or wheel.

    Parameters
    ----------
    content : bytes | BinaryIO
        A tar file in any compression, or a zip file; a large one is better not held in memory.
    subdirectory : str
        Where the project lies in it.

    Raises
    ------
    UnknownMetadataError
        It does not say, or is no archive.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    start = file.read(2)
    file.seek(0)
    try:
        names, texts = _unzip(file) if start == b"PK" else _untar(file)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as problem:
        raise UnknownMetadataError(f"is no archive ({problem})") from problem
    top = _common_folder(names)
    prefix = top + (f"{subdirectory.strip('/')}/" if subdirectory else "")
    files = {name.removeprefix(prefix): text for name, text in texts.items() if name.startswith(prefix)}
    return read_tree(files, [name.removeprefix(prefix) for name in names if name.startswith(prefix)])


def read_folder(folder: Path) -> Metadata:
    """Read a source tree on disk; links are not followed.

    Raises
    ------
    UnknownMetadataError
        It does not say what it needs.
    """
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    texts = {
        name: path.read_text(encoding="utf-8", errors="replace")
        for name, path in names.items()
        if _READ.match(name) and path.stat().st_size <= _MAX_TEXT
    }
    return read_tree(texts, list(names))


def read_tree(texts: Mapping[str, str], names: list[str]) -> Metadata:
    """Read the files of a source tree.

    Parameters
    ----------
    texts : Mapping[str, str]
        Text of each file that can tell, by path.
    names : list[str]
        Paths of all files.
    """
    is_pure = not any(
        name.endswith(_COMPILED) or name == "Cargo.toml" for name in names if not _NOT_BUILT.search(name)
    )
    for read in (_from_metadata, _from_egg_info, _from_pyproject, _from_setup_cfg, _from_setup_py):
        if found := read(texts):
            name, version, requires, extras = found
            return Metadata(_checked_name(name), version, _checked(requires), tuple(extras), is_pure)
    raise UnknownMetadataError("says what it needs only when its code runs")


_Found = tuple[str, str, list[str], list[str]]


def _checked_name(name: str) -> str:
    try:
        # A builder makes a name of words one word too.
        return canonicalize_name(re.sub(r"\s+", "-", name.strip()), validate=True)
    except InvalidName as problem:
        raise UnknownMetadataError(f"has a name that no project can have ({name[:80]!r})") from problem


def _checked(requires: list[str]) -> tuple[str, ...]:
    return tuple(_requirement(line) for line in requires)


def _requirement(line: str) -> str:
    try:
        return str(Requirement(line))
    except (InvalidRequirement, RecursionError) as problem:
        # What the parser says has a drawing below its first line.
        shown = " ".join(line.split())[:80]
        raise UnknownMetadataError(f"needs something that is no requirement (`{shown}`)") from problem


def _from_metadata(texts: Mapping[str, str]) -> _Found | None:
    for path, text in texts.items():
        is_wheel = path.endswith(".dist-info/METADATA")
        if path != "PKG-INFO" and not is_wheel:
            continue
        fields = email.parser.HeaderParser().parsestr(text)
        dynamic = {value.lower() for value in fields.get_all("Dynamic", [])}
        if not is_wheel and (
            not _is_reliable(fields.get("Metadata-Version", "")) or "requires-dist" in dynamic
        ):
            continue
        if fields["Name"] and fields["Version"]:
            requires, extras = fields.get_all("Requires-Dist", []), fields.get_all("Provides-Extra", [])
            return fields["Name"], fields["Version"], requires, extras
    return None


def _is_reliable(version: str) -> bool:
    try:
        return Version(version) >= _RELIABLE
    except InvalidVersion:
        return False


def _from_egg_info(texts: Mapping[str, str]) -> _Found | None:
    """Read what setuptools wrote down when it made the release."""
    lists = [path for path in texts if path.endswith(".egg-info/requires.txt")]
    facts = [path for path in texts if path.endswith(".egg-info/PKG-INFO")]
    if not facts:
        return None
    fields = email.parser.HeaderParser().parsestr(texts[facts[0]])
    if not fields["Name"]:
        return None
    requires, extras, marker = [], [], ""
    for line in (texts[lists[0]] if lists else "").splitlines():
        text = line.strip()
        if text.startswith("["):
            extra, _, condition = text.strip("[]").partition(":")
            parts = [f"extra == '{extra}'" if extra else "", f"({condition})" if condition else ""]
            marker = " and ".join(filter(None, parts))
            extras += [extra] if extra else []
        elif text:
            requires.append(f"{text} ; {marker}" if marker else text)
    return fields["Name"], fields["Version"] or "", requires, sorted(set(extras))


def _from_pyproject(texts: Mapping[str, str]) -> _Found | None:
    try:
        project = tomllib.loads(texts.get("pyproject.toml", "")).get("project")
    except _UNREADABLE:
        return None
    if not isinstance(project, dict):
        return None
    name, version = project.get("name"), project.get("version", "")
    dynamic, needed = project.get("dynamic", []), project.get("dependencies", [])
    optional = project.get("optional-dependencies", {})
    if not (isinstance(name, str) and isinstance(version, str) and isinstance(optional, dict)):
        return None
    if not all(map(_is_texts, (dynamic, needed, *optional.values()))):
        return None
    if {"dependencies", "optional-dependencies"}.intersection(dynamic):
        return None
    requires = list(needed)
    for extra, lines in optional.items():
        requires += [_with_extra(line, extra) for line in lines]
    return name, version, requires, list(optional)


def _with_extra(line: str, extra: str) -> str:
    bare, _, marker = line.partition(";")
    condition = f"extra == '{extra}'" + (f" and ({marker.strip()})" if marker else "")
    return f"{bare.strip()} ; {condition}"


def _from_setup_cfg(texts: Mapping[str, str]) -> _Found | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(texts.get("setup.cfg", ""))
    except configparser.Error:
        return None
    name = parser.get("metadata", "name", fallback="")
    if not name or "install_requires" in texts.get("setup.py", ""):
        return None
    version = parser.get("metadata", "version", fallback="")
    lines = parser.get("options", "install_requires", fallback="").splitlines()
    if any(line.startswith("file:") for line in lines):
        return None
    return name, "" if ":" in version else version, [line.strip() for line in lines if line.strip()], []


def _from_setup_py(texts: Mapping[str, str]) -> _Found | None:
    """Read a `setup()` call whose arguments are written out."""
    try:
        module = ast.parse(texts.get("setup.py", ""))
    except _UNREADABLE:
        return None
    literals = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(module):
        if not isinstance(call, ast.Call) or not _is_setup(call.func):
            continue
        if all(keyword.arg for keyword in call.keywords):
            values = ((str(keyword.arg), keyword.value) for keyword in call.keywords)
            return _from_arguments(
                {
                    name: literals.get(value.id, value) if isinstance(value, ast.Name) else value
                    for name, value in values
                }
            )
    return None


def _is_setup(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        is_theirs = isinstance(called.value, ast.Name) and called.value.id == "setuptools"
        return is_theirs and called.attr == "setup"
    return isinstance(called, ast.Name) and called.id == "setup"


def _from_arguments(given: Mapping[str, ast.expr]) -> _Found | None:
    name, version = _literal(given.get("name")), _literal(given.get("version"))
    requires = _literal(given["install_requires"]) if "install_requires" in given else []
    lines = requires.splitlines() if isinstance(requires, str) else requires
    if not isinstance(name, str) or not _is_texts(lines):
        return None
    version = str(version) if isinstance(version, str | float) else ""
    return name, version, [line for line in lines if line.strip()], []


def _literal(value: ast.expr | None) -> object:
    """Give a value that is written out; None where only running the code would tell."""
    try:
        return ast.literal_eval(value) if value else None
    except _UNREADABLE:
        return None


def _is_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _untar(content: BinaryIO) -> tuple[list[str], dict[str, str]]:
    names, texts, unpacked = [], {}, 0
    with tarfile.open(fileobj=content) as archive:
        for member in archive:
            unpacked += member.size
            if unpacked > _MAX_UNPACKED:
                raise UnknownMetadataError(f"has more than {_MAX_UNPACKED >> 30} GB when it is unpacked")
            if not member.isfile():
                continue
            names.append(member.name)
            if _may_tell(member.name) and member.size <= _MAX_TEXT and (file := archive.extractfile(member)):
                texts[member.name] = file.read().decode("utf-8", "replace")
    return names, texts


def _unzip(content: BinaryIO) -> tuple[list[str], dict[str, str]]:
    with zipfile.ZipFile(content) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        texts = {
            entry.filename: archive.read(entry).decode("utf-8", "replace")
            for entry in entries
            if _may_tell(entry.filename) and entry.file_size <= _MAX_TEXT
        }
    return [entry.filename for entry in entries], texts


def _may_tell(path: str) -> bool:
    """Say whether a path, or what remains of it below some folder, is one that is read."""
    parts = path.split("/")
    return any(_READ.match("/".join(parts[start:])) for start in range(len(parts)))


def _common_folder(names: list[str]) -> str:
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""
