"""Print what is in an image that a recipe of its own made, as far as its package managers tell: JSON.

Runs in a throw-away container, in the Python of the image's server, which may be an old one.
"""

# ruff: noqa: INP001, T201 - runs in the image, on its own; its answer is what it prints
from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

SERVER = Path("/opt/jupyter/bin/workspace-server")
DISTRIBUTIONS = """
import importlib.metadata as metadata
print("\\n".join({f"{found.metadata['Name']}=={found.version}" for found in metadata.distributions()}))
"""
R = 'p <- installed.packages()[, c("Package", "Version")]; cat(paste(p[, 1], p[, 2], sep = "="), sep = "\\n")'


def said(*command: str) -> list[str]:
    """Give the lines that a command prints, sorted; none where there is no such command."""
    if not shutil.which(command[0]):
        return []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(line for line in done.stdout.splitlines() if line)


def conda(prefixes: set[Path]) -> list[str]:
    """Give what conda installed into folders."""
    records = [
        json.loads(path.read_text(encoding="utf-8"))
        for prefix in prefixes
        for path in prefix.glob("conda-meta/*.json")
    ]
    return sorted({f"{record['name']}={record['version']}={record['build']}" for record in records})


def main() -> None:
    """Print it."""
    python = shutil.which("python3") or shutil.which("python") or sys.executable
    found = {
        "debian": said("dpkg-query", "-W", "-f=${Package}:${Architecture}=${Version}\n"),
        "python": said(python, "-c", DISTRIBUTIONS),
        "conda": conda({Path(sys.prefix), Path(python).parent.parent}),
        "r": said("Rscript", "-e", R),
        "server": said(sys.executable, "-c", DISTRIBUTIONS),
        "has_server": SERVER.exists(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
