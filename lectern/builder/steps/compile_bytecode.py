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


def files_of(library: Path) -> set[str]:
    """Give the paths of all files in a folder, relative to it: one by one that is slow."""
    return {
        f"{folder}/{name}".removeprefix(f"{library}/")
        for folder, _, names in os.walk(library)
        for name in names
    }


def uncompiled(record: Path, files: set[str]) -> list[str]:
    """Give the files of one installed package that have no bytecode.

    Parameters
    ----------
    record : Path
        Its RECORD, which lists its files relative to site-packages.
    files : set[str]
        What is in site-packages.
    """
    library = record.parent.parent
    with record.open(newline="", encoding="utf-8") as file:
        listed = sorted(row[0] for row in csv.reader(file) if row and row[0].endswith(".py"))
    return [
        str(library / name)
        for name in listed
        if name in files and not _TESTS.search(name) and not has_bytecode(library, name, files)
    ]


def has_bytecode(library: Path, name: str, files: set[str]) -> bool:
    """Say whether a module's bytecode is there and that of its present text.

    With a package uv removes its bytecode, but not that of a module outside of any package; nothing would
    ever look again whether it fits. Reading all modules for that would take most of a small step's time.
    """
    compiled = cache_from_source(name)
    if "/" in name or compiled not in files:
        return compiled in files
    header = (library / compiled).read_bytes()[:16]
    return header[:4] == MAGIC_NUMBER and header[8:] == source_hash((library / name).read_bytes())


def remove_orphans(library: Path, files: set[str]) -> None:
    """Remove bytecode whose module is gone."""
    for name in files:
        if name.endswith(".pyc") and "__pycache__/" in name and source_from_cache(name) not in files:
            (library / name).unlink()


def main() -> None:
    """Compile all packages, as many side by side as there are processors."""
    library = Path(sysconfig.get_path("purelib"))
    there = files_of(library)
    remove_orphans(library, there)
    records = sorted(library.glob("*.dist-info/RECORD"))
    todo = [files for record in records if (files := uncompiled(record, there))]

    def compile_one(files: list[str]) -> None:
        # A package may bring files that are no Python of this version: then they stay as they are.
        subprocess.run([sys.executable, *_COMPILE], input="\n".join(files), text=True, check=False)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, todo))


if __name__ == "__main__":
    main()
