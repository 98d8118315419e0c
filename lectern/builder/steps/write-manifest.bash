#!/usr/bin/env bash
# Record what is in the image as /srv/env/manifest.json; no times, so that its hash is the identity. (root, at build)
set -euo pipefail
export HOME=/root
dpkg-query -W -f='${Package}=${Version}:${Architecture}\n' | LC_ALL=C sort >/tmp/debian.txt
if command -v Rscript >/dev/null; then
    Rscript -e 'p <- installed.packages()[, c("Package", "Version")]; cat(sort(paste(p[, 1], p[, 2], sep = "=")), sep = "\n")' >/tmp/r.txt
else
    : >/tmp/r.txt
fi
/opt/jupyter/bin/python - "$(dirname "$0")/python.lock" <<'PYTHON'
import importlib.metadata as metadata
import json
import pathlib
import subprocess
import sys

def lines(path):
    return pathlib.Path(path).read_text().splitlines()

freeze = subprocess.run(["uv", "pip", "freeze", "--python", "/opt/env/bin/python"], capture_output=True, text=True, check=True)
manifest = {
    "debian": lines("/tmp/debian.txt"),
    "r": lines("/tmp/r.txt"),
    "python": freeze.stdout.splitlines(),
    "python_lock": lines(sys.argv[1]),
    "server": sorted(f"{found.name}=={found.version}" for found in metadata.distributions()),
    "kernels": {
        spec.parent.name: json.loads(spec.read_text())
        for spec in sorted(pathlib.Path("/opt/env/share/jupyter/kernels").glob("*/kernel.json"))
    },
}
pathlib.Path("/srv/env/manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
PYTHON
rm -f /tmp/debian.txt /tmp/r.txt
