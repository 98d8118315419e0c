"""Say which modules the packages of an environment are imported by: what a smoke test has to import.

Usage: /opt/env/bin/python top_level_modules.py NAME…   → {"scikit-learn": ["sklearn"], …}
A NAME that begins with a slash is the folder of a project that was installed from there.

Runs in the image, on the oldest Python that can be had. A package that is not installed is left out.
"""

# ruff: noqa: INP001, T201 - runs in the image, on its own; its answer is what it prints
from __future__ import annotations

import json
import os.path
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from importlib.util import find_spec

_BESIDE = {"test", "tests", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "scripts"}


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def modules_of(name: str, paths: list[str]) -> list[str]:
    """Give the modules of a package: that of its own name where there is one, else all at the top.

    Parameters
    ----------
    name : str
        The package's name.
    paths : list[str]
        Its files, relative to site-packages.
    """
    packages = {path.rpartition("/")[0].replace("/", ".") for path in paths if path.endswith("/__init__.py")}
    modules = {path.split(".")[0] for path in paths if re.fullmatch(r"[^/]+\.(py|so|[^/]+\.so)", path)}
    # A folder that others share (google, mpl_toolkits) has no __init__.py: the packages in it count.
    tops = {package for package in packages if package.rpartition(".")[0] not in packages}
    found = {top for top in tops | modules if top.isidentifier() or "." in top}
    public = {top for top in found if not top.startswith("_") and top.split(".")[0] not in _BESIDE}
    own = {top for top in public if _normalised(top) == _normalised(name)}
    return sorted(own or public)


def _find(name: str) -> Distribution | None:
    if name.startswith("/"):
        address = f"file://{os.path.normpath(name)}"
        installed = (
            (found, json.loads(found.read_text("direct_url.json") or "{}")) for found in distributions()
        )
        return next((found for found, origin in installed if origin.get("url") == address), None)
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _modules_of_project(found: Distribution, name: str) -> list[str]:
    """Give the modules of a project that may lie elsewhere: an editable one has no files of its own."""
    listed = found.read_text("top_level.txt")
    tops = [_normalised(name)] if listed is None else listed.split()
    there = [f"{top}/__init__.py" for top in tops if find_spec(top)]
    return modules_of(name, [str(path) for path in found.files or []]) or modules_of(name, there)


def main() -> None:
    """Print the modules of the packages that are named as arguments."""
    answer = {}
    for asked in sys.argv[1:]:
        found = _find(asked)
        if found and asked.startswith("/"):
            name = found.metadata["Name"]
            answer[name] = _modules_of_project(found, name)
        elif found:
            answer[asked] = modules_of(asked, [str(path) for path in found.files or []])
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
