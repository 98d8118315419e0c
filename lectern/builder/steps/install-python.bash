#!/usr/bin/env bash
# Make /opt/env hold exactly what python.lock lists. Usage: install-python.bash   (root, at build)
set -euo pipefail
export HOME=/root VIRTUAL_ENV=/opt/env UV_LINK_MODE=copy
uv venv --quiet --python /usr/bin/python3 /opt/env
# Participants cannot write bytecode into a root's folder; without it each first import takes twice as long.
uv pip sync --quiet --require-hashes --compile-bytecode "$(dirname "$0")/python.lock"
