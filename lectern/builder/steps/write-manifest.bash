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
import re
import subprocess
import sys
import tomllib

ENV = pathlib.Path("/opt/env")
# What we install from CRAN, what Debian has, conda's.
R_LIBRARIES = (
    "/usr/local/lib/R/site-library",
    "/usr/lib/R/site-library",
    "/usr/lib/R/library",
    "/opt/env/lib/R/library",
)


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(line for line in done.stdout.splitlines() if line)


def text(path):
    return path.read_text() if path.is_file() else ""


def conda():
    records = (json.loads(path.read_text()) for path in ENV.glob("conda-meta/*.json"))
    return sorted(f"{found['name']}={found['version']}={found['build']}" for found in records)


# As installed.packages() lists them, without the time that R takes to start.
def r():
    found = [path.read_bytes().decode(errors="replace") for at in R_LIBRARIES for path in pathlib.Path(at).glob("*/DESCRIPTION")]
    fields = [dict(re.findall(r"^(Package|Version|Built): *(\S+)", each, re.MULTILINE)) for each in found]
    return sorted(f"{each['Package']}={each['Version']}" for each in fields if len(each) == 3)


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
