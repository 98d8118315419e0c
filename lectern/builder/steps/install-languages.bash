#!/usr/bin/env bash
# Write kernels and kernelspecs of the declared languages, from languages.json; warm compilers up. (root, at build)
set -euo pipefail
export HOME=/root
/opt/jupyter/bin/python - "$(dirname "$0")/languages.json" <<'PYTHON'
import json
import pathlib
import subprocess
import sys

wanted = json.loads(pathlib.Path(sys.argv[1]).read_text())
for name, text in wanted["files"].items():
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
for command in wanted["commands"]:
    subprocess.run(["/bin/sh", "-c", command], check=True)
PYTHON
# Participants cannot write bytecode there. By hash, as a file's time would make two equal builds differ.
if [ -d /opt/lectern-kernel/kernel ]; then
    /opt/jupyter/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/lectern-kernel
fi
