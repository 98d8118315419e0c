"""The `pip:` part of a conda environment: resolved by uv around what conda chose, which it never changes.

uv is told that each Python package of conda's is there already, at its version and without further needs
(conda saw to those), by a wheel that holds nothing but name and version. So a version that PyPI never had
counts as well as any other, and a requirement that does not go with it is uv's to explain.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lectern.builder.resolve.conda import CondaLock

#: Conda's packages under another name than PyPI's, where a caller knows no more of them.
_NOTHING: Mapping[str, str] = {}


def lock_pip(
    requirements: Sequence[tuple[str, str]],
    conda: CondaLock,
    *,
    cache: Path,
    pypi_names: Mapping[str, str] = _NOTHING,
    constraints: Sequence[tuple[str, str]] = (),
    allows_prereleases: bool = False,
    exclude_newer: date | None = None,
) -> str:
    """Resolve requirements for the Python that conda chose.

    Parameters
    ----------
    requirements : Sequence[tuple[str, str]]
        Lines as uv takes them, each with its ``file:line``.
    conda : CondaLock
        What conda chose, Python among it.
    cache : Path
        uv's cache.
    pypi_names : Mapping[str, str]
        PyPI's names of conda packages that are called otherwise there.
    constraints : Sequence[tuple[str, str]]
        Bounds for what is chosen anyway, each with its ``file:line``.
    allows_prereleases : bool
        Pre-releases count, as with pip's ``--pre``.
    exclude_newer : date | None
        Releases that came later do not exist.

    Returns
    -------
    str
        A requirements file with a hash for each artefact, without what conda has; empty when that is all.

    Raises
    ------
    ResolveError
        No set of versions fits; has uv's explanation.
    """
    if not requirements:
        return ""
    provided = _provided(conda, pypi_names)
    with tempfile.TemporaryDirectory() as folder:
        bounds = Path(folder) / "bounds.txt"
        stubs = (f"{name} @ {_stub(Path(folder), name, version)}" for name, version in provided.items())
        bounds.write_text(_lines([*stubs, *(line for line, _ in constraints)]), encoding="utf-8")
        done = subprocess.run(
            [
                *("uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
                *("--python-version", conda.python, "--no-python-downloads", "--only-binary", ":all:"),
                *("--cache-dir", str(cache), "--constraints", str(bounds)),
                *(word for name in provided for word in ("--no-emit-package", name)),
                *(("--prerelease", "allow") if allows_prereleases else ()),
                *(("--exclude-newer", exclude_newer.isoformat()) if exclude_newer else ()),
                "-",
            ],
            input=_lines(line for line, _ in requirements),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise _refusal(done.stderr, [*requirements, *constraints], provided)
    return done.stdout


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _provided(conda: CondaLock, pypi_names: Mapping[str, str]) -> dict[str, str]:
    provided: dict[str, str] = {}
    for package in conda.python_packages:
        name, version = package.split("==")
        try:
            # A version that is none to PyPI's tools cannot be asked for by one of its packages either.
            provided[canonicalize_name(pypi_names.get(name) or name)] = str(Version(version))
        except InvalidVersion:
            continue
    return provided


def _stub(folder: Path, name: str, version: str) -> str:
    """Make a wheel that says its name and version, and give its address."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(
            f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return path.as_uri()


def _refusal(stderr: str, asked: Sequence[tuple[str, str]], provided: Mapping[str, str]) -> ResolveError:
    # uv shows conda's wheels as addresses in a folder that is gone by now.
    text = re.sub(r" \(from file://\S+\)| ?@ file://\S+", "", stderr).strip()
    concerned = [where for line, where in asked if _mentions(text, _name(line))]
    held = sorted(name for name in provided if _mentions(text, name))
    by_conda = f" (conda chose {', '.join(f'{name} {provided[name]}' for name in held)})" if held else ""
    return ResolveError(
        f"the `pip:` part cannot be had{by_conda}\n{text}",
        where=", ".join(concerned or [where for _, where in asked]),
        hint="pin what conda chose among the conda packages, or move the package from `pip:` up to them"
        if held
        else "correct or loosen what is named above",
    )


def _name(line: str) -> str:
    match = re.match(r"[A-Za-z0-9][\w.-]*", line)
    return canonicalize_name(match[0]) if match else ""


def _mentions(text: str, name: str) -> bool:
    return bool(name) and bool(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text))
