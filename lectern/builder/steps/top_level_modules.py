"""Say which modules the packages of an environment are imported by: what a smoke test has to import.

Usage: /opt/env/bin/python top_level_modules.py NAME…   → {"scikit-learn": ["sklearn"], …}

Runs in the image, on the oldest Python that can be had. A package that is not installed is left out.
"""

# ruff: noqa: INP001, T201 - runs in the image, on its own; its answer is what it prints
from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution

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


def main() -> None:
    """Print the modules of the packages that are named as arguments."""
    answer = {}
    for name in sys.argv[1:]:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        answer[name] = modules_of(name, [str(path) for path in files])
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
