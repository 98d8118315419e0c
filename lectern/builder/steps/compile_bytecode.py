"""Compile what has no bytecode of its own: participants cannot write it into a root's folder.

Usage: /opt/env/bin/python -B compile_bytecode.py   (root, at build)

The same bytes in every build: by content and not by time, and each package in a process of its own, since
what a process compiled before shows in the bytes. So a package that is added to a finished environment gets
what it would have got in a new one. Packages' own tests, often half of their files, are compiled when
somebody runs them.
"""

# ruff: noqa: INP001 - runs in the image, on its own
from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib.util import MAGIC_NUMBER, cache_from_source, source_from_cache, source_hash
from pathlib import Path

_TESTS = re.compile(r"(^|/)tests?/")
_COMPILE = ["-B", "-S", "-m", "compileall", "-qq", "-f", "--invalidation-mode", "unchecked-hash", "-i", "-"]


def uncompiled(record: Path) -> list[str]:
    """Give the files of one installed package that have no bytecode.

    Parameters
    ----------
    record : Path
        Its RECORD, which lists its files relative to site-packages.
    """
    library = record.parent.parent
    with record.open(newline="", encoding="utf-8") as file:
        listed = sorted(row[0] for row in csv.reader(file) if row and row[0].endswith(".py"))
    names = [name for name in listed if not name.startswith("..") and not _TESTS.search(name)]
    return [
        str(library / name) for name in names if (library / name).exists() and not has_bytecode(library, name)
    ]


def has_bytecode(library: Path, name: str) -> bool:
    """Say whether a module's bytecode is there and that of its present text.

    With a package uv removes its bytecode, but not that of a module outside of any package; nothing would
    ever look again whether it fits.  Reading all modules for that would take most of a small step's time.
    """
    path = library / name
    compiled = Path(cache_from_source(str(path)))
    if "/" in name:
        return compiled.exists()
    try:
        header = compiled.read_bytes()[:16]
    except FileNotFoundError:
        return False
    return header[:4] == MAGIC_NUMBER and header[8:] == source_hash(path.read_bytes())


def remove_orphans(library: Path) -> None:
    """Remove bytecode whose module is gone."""
    for path in library.rglob("__pycache__/*.pyc"):
        if not Path(source_from_cache(str(path))).exists():
            path.unlink()


def main() -> None:
    """Compile all packages, as many side by side as there are processors."""
    library = Path(sysconfig.get_path("purelib"))
    remove_orphans(library)
    todo = [files for record in sorted(library.glob("*.dist-info/RECORD")) if (files := uncompiled(record))]

    def compile_one(files: list[str]) -> None:
        # A package may bring files that are no Python of this version: then they stay as they are.
        subprocess.run([sys.executable, *_COMPILE], input="\n".join(files), text=True, check=False)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, todo))


if __name__ == "__main__":
    main()
