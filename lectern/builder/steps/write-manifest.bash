#!/usr/bin/env bash
# Record what is in the image as /opt/env/manifest.json; no times, so that its hash is the identity.
# Usage: write-manifest.bash   (root, at build, after all that installs)
set -euo pipefail
export HOME=/root
/opt/jupyter/bin/python - "$(dirname "$0")" <<'PYTHON'
import hashlib
import importlib.metadata as metadata
import json
import pathlib
import shutil
import subprocess
import sys
import tomllib

ENV = pathlib.Path("/opt/env")


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(line for line in done.stdout.splitlines() if line)


def text(path):
    return path.read_text() if path.is_file() else ""


def conda():
    records = (json.loads(path.read_text()) for path in ENV.glob("conda-meta/*.json"))
    return sorted(f"{found['name']}={found['version']}={found['build']}" for found in records)


def r():
    if not shutil.which("Rscript"):
        return []
    listed = 'p <- installed.packages()[, c("Package", "Version")]; cat(paste(p[, 1], p[, 2], sep = "="), sep = "\\n")'
    return said("Rscript", "-e", listed)


def julia():
    found = tomllib.loads(text(pathlib.Path("/opt/julia-project/Manifest.toml")))
    entries = found.get("deps", {name: value for name, value in found.items() if isinstance(value, list)})
    return sorted(f"{name}={one.get('version', 'stdlib')}" for name, each in entries.items() for one in each)


manifest = {
    "debian": said("dpkg-query", "-W", "-f=${Package}:${Architecture}=${Version}\n"),
    "python": said("uv", "pip", "freeze", "--python", "/opt/env/bin/python") if (ENV / "bin/python").exists() else [],
    "conda": conda(),
    "r": r(),
    "julia": julia(),
    "server": sorted(f"{found.name}=={found.version}" for found in metadata.distributions(path=[sys.path[-1]])),
    "locks": {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.lock"))
    },
    "hooks": {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (pathlib.Path(sys.argv[1]) / name for name in ("postBuild", "start"))
        if path.is_file()
    },
    "kernels": {
        spec.parent.name: json.loads(spec.read_text()) for spec in sorted(ENV.glob("share/jupyter/kernels/*/kernel.json"))
    },
}
(ENV / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
PYTHON
