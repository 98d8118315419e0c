"""uv resolves. Its only caller: what is asked goes in as data, what was chosen comes out as data."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uv import find_uv_bin

from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.resolve.static_metadata import Metadata

#: The participants' machine: Debian trixie, whatever `lectern check` runs on.
_GLIBC = "manylinux_2_40"
_TIMEOUT_S = 180
_NETWORK = re.compile(r"failed to fetch|request|connect|dns|timed? ?out|certificate|body", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What is to be resolved."""

    requirements: tuple[str, ...]
    python: str  # "3.13"
    constraints: tuple[str, ...] = ()
    sources: tuple[Metadata, ...] = ()  # source releases that may be used, with what they need
    absent: tuple[str, ...] = ()  # projects that are installed in another way
    pages: tuple[str, ...] = ()  # addresses that list further wheels
    newest: str = ""  # date after which nothing may have been released
    allows_prereleases: bool = False


@dataclass(frozen=True, order=True)
class Locked:
    """One release that was chosen."""

    name: str
    version: str
    hashes: tuple[str, ...] = field(compare=False)  # sha256 of each file that fits
    uploaded: str = field(
        default="", compare=False
    )  # ISO date of the first file; "" when the index does not tell
    is_source: bool = field(default=False, compare=False)


class NoSolutionError(Exception):
    """No set of releases fits; the text is uv's."""


def default_index(cache: Path) -> str:
    """Give the address of the index that uv is configured to use.

    uv has read the machine's configuration; whoever asks the index besides it has to ask the same.
    """
    printed = _run(["--offline", "--emit-index-url", "-"], "", cache, Path(tempfile.gettempdir()))
    found = re.search(r"^--(?:index-url|default-index) (\S+)", printed, re.MULTILINE)
    if not found:
        raise ResolveError("names no index", where="uv", hint="look at the machine's uv.toml")
    return found[1]


def compile_requirements(question: Question, cache: Path) -> tuple[Locked, ...]:
    """Choose a release for each requirement and for all that they need. Runs no code of theirs.

    Parameters
    ----------
    question : Question
        What is asked.
    cache : Path
        uv's cache folder.

    Raises
    ------
    NoSolutionError
        No set of releases fits.
    ResolveError
        The index does not answer, or uv takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="lectern-uv-") as name:
        folder = Path(name)
        (folder / "uv.toml").write_text(_configuration(question.sources), encoding="utf-8")
        printed = _run(_words(question, folder), "\n".join(question.requirements) + "\n", cache, folder)
    return tuple(sorted(_locked(entry) for entry in tomllib.loads(printed).get("packages", [])))


def requirers(question: Question, cache: Path) -> dict[str, frozenset[str]]:
    """Say for each chosen project which others need it."""
    with tempfile.TemporaryDirectory(prefix="lectern-uv-") as name:
        folder = Path(name)
        (folder / "uv.toml").write_text(_configuration(question.sources), encoding="utf-8")
        words = _words(question, folder, form="requirements.txt")
        printed = _run(
            [*words, "--annotation-style=line"], "\n".join(question.requirements) + "\n", cache, folder
        )
    lines = re.findall(r"^([\w.-]+)==\S+\s+# via (.+)$", printed, re.MULTILINE)
    return {project: frozenset(name.strip() for name in via.split(",")) for project, via in lines}


def _words(question: Question, folder: Path, form: str = "pylock.toml") -> list[str]:
    words = [
        *("--format", form, "--only-binary", ":all:"),
        *("--python-version", question.python, "--python-platform", f"{platform.machine()}-{_GLIBC}"),
    ]
    for source in question.sources:
        words += ["--no-binary", source.name]
    for page in question.pages:
        words += ["--find-links", page]
    if question.newest:
        words += ["--exclude-newer", question.newest]
    if question.allows_prereleases:
        words += ["--prerelease", "allow"]
    words += _file_option("--constraints", folder / "constraints.txt", _constraints(question))
    absent = (f"{name} ; sys_platform == 'never'" for name in question.absent)
    words += _file_option("--overrides", folder / "overrides.txt", absent)
    return [*words, "-"]


def _constraints(question: Question) -> Iterable[str]:
    yield from question.constraints
    for source in question.sources:
        yield f"{source.name}=={source.version}"


def _file_option(option: str, path: Path, lines: Iterable[str]) -> list[str]:
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return []
    path.write_text(text, encoding="utf-8")
    return [option, str(path)]


def _configuration(sources: tuple[Metadata, ...]) -> str:
    """Tell uv what source releases need, so that it does not build them to find out."""
    blocks = []
    for source in sources:
        # JSON's strings and lists are TOML's.
        lines = ["[[dependency-metadata]]", f"name = {json.dumps(source.name)}"]
        lines += [
            f"version = {json.dumps(source.version)}",
            f"requires-dist = {json.dumps(list(source.requires))}",
        ]
        if source.extras:
            lines.append(f"provides-extra = {json.dumps(list(source.extras))}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _run(words: list[str], text: str, cache: Path, folder: Path) -> str:
    command = [
        *(find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-progress", "--color", "never"),
        *("--python", sys.executable, "--no-python-downloads", "--cache-dir", str(cache)),
        *words,
    ]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, cwd=folder, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as problem:
        raise ResolveError(
            f"found no answer within {_TIMEOUT_S} s",
            where="uv",
            hint="pin versions of what the packages share",
        ) from problem
    if done.returncode:
        raise _failure(done.stderr.strip())
    return done.stdout


def _failure(said: str) -> Exception:
    if "No solution found" in said:
        return NoSolutionError(said)
    what = "; ".join(cause.rstrip(":") for cause in dict.fromkeys(re.findall(r"(?:error|cause): (.+)", said)))
    if _NETWORK.search(said):
        return ResolveError(
            what,
            where="PyPI",
            hint="see that this machine is online and its package index answers, then try again",
        )
    return ResolveError(what or said, where="uv", hint="correct what is named")


def _locked(entry: dict[str, Any]) -> Locked:
    files = [*entry.get("wheels", ())] or [entry[kind] for kind in ("sdist", "archive") if kind in entry]
    dates = [file["upload-time"].isoformat() for file in files if "upload-time" in file]
    hashes = tuple(sorted(file["hashes"]["sha256"] for file in files if "sha256" in file.get("hashes", {})))
    if not hashes:
        raise ResolveError(
            f"`{entry['name']}` has no sha256 hash there", where="PyPI", hint="use an index that tells hashes"
        )
    return Locked(
        entry["name"],
        entry.get("version", ""),
        hashes,
        min(dates, default=""),
        "sdist" in entry and not entry.get("wheels"),
    )
