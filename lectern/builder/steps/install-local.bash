#!/usr/bin/env bash
# Install a Python project of the repo; what it needs is there already. Usage: install-local.bash FOLDER   (root, at build)
set -euo pipefail
export HOME=/root UV_LINK_MODE=copy SOURCE_DATE_EPOCH=315532800
uv pip install --quiet --python /opt/env/bin/python --break-system-packages --no-deps --compile-bytecode "$1"
