"""Add to an environment's manifest what came with the repo's own files.

Usage: record_repo.py [python:FOLDER | r:FOLDER | postBuild]…   (root, at build, in the server's Python)
The repo as it was handed over lies in /srv/build/src: what differs from it, postBuild made.
"""  # noqa: INP001 - a file of the image, not of the package

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REPO = Path("/srv/env")
SOURCE = Path("/srv/build/src")
ENV = Path("/opt/env")

#: What a project's code is in, by language: its notebooks and texts may change without it.
CODE = {
    "python": re.compile(r"\.pyx?$|(^|/)(pyproject\.toml|setup\.cfg)$"),
    "r": re.compile(r"^(R|src|data)/|^(DESCRIPTION|NAMESPACE)$"),
}
#: Nobody's words: the same code has others on another day.
UNTOLD = re.compile(r"(^|/)__pycache__/|(^|/)[^/]+\.egg-info/|^manifest\.json$")


def files(folder: Path) -> Iterator[str]:
    """Give the paths of all files and links below a folder, sorted."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return iter(sorted(path.relative_to(folder).as_posix() for path in found))


def digest(path: Path) -> str:
    """Give the hash of a file, or what a link leads to; empty where there is nothing."""
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def united(folder: Path, names: Iterable[str]) -> str:
    """Give one hash of several files, their names included."""
    listed = [f"{name} {digest(folder / name)}\n" for name in names]
    return f"sha256:{hashlib.sha256(''.join(listed).encode()).hexdigest()[:16]}"


def python_project(folder: Path) -> str:
    """Give `name==version` of the project that was installed from a folder."""
    for origin in sorted(ENV.glob("lib/python*/site-packages/*.dist-info/direct_url.json")):
        if json.loads(origin.read_text(encoding="utf-8")).get("url") == folder.resolve().as_uri():
            found = PathDistribution(origin.parent)
            return f"{found.metadata['Name']}=={found.version}"
    return f"{folder.name}=="


def r_project(folder: Path) -> str:
    """Give `name==version` of the R package that a folder is."""
    text = (folder / "DESCRIPTION").read_text(encoding="utf-8")
    said = dict(re.findall(r"^(Package|Version):\s*(\S+)", text, re.MULTILINE))
    return f"{said.get('Package', folder.name)}=={said.get('Version', '')}"


def project(language: str, folder: Path) -> str:
    """Give the line of one project: name, version, and the hash of its code."""
    source = SOURCE / folder.relative_to(REPO)
    code = [name for name in files(source) if CODE[language].search(name)]
    named = {"python": python_project, "r": r_project}[language](folder)
    return f"{named} {united(source, code)}"


def made() -> list[str]:
    """Give the lines of what differs from the repo: all files as one, and each Python package by name."""
    names = {name for folder in (REPO, SOURCE) for name in files(folder) if not UNTOLD.search(name)}
    changed = sorted(name for name in names if digest(REPO / name) != digest(SOURCE / name))
    packages = (
        PathDistribution((REPO / name).parent)
        for name in changed
        if re.search(r"\.dist-info/METADATA$", name) and (REPO / name).is_file()
    )
    lines = [f"{found.metadata['Name']}=={found.version}" for found in packages]
    return sorted([*lines, *([f"files=={len(changed)} {united(REPO, changed)}"] if changed else [])])


def main(words: list[str]) -> None:
    """Add it."""
    path = ENV / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    asked = [word.partition(":") for word in words]
    if projects := sorted(project(kind, Path(folder)) for kind, _, folder in asked if folder):
        manifest["local"] = projects
    if "postBuild" in words:
        manifest["postBuild"] = made()
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
