#!/usr/bin/env bash
# Install the repo's own Python projects into /opt/env, without what they need: the lock has that.
# Usage: install-local.bash FOLDER…   (root, at build, after the repo's files)
set -euo pipefail
export HOME=/root VIRTUAL_ENV=/opt/env UV_LINK_MODE=copy
for folder in "$@"; do
    uv pip install --quiet --no-deps --editable "$folder"
done
