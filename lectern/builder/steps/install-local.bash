#!/usr/bin/env bash
# Install the repo's own Python projects into /opt/env, without what they need: the lock has that.
# Usage: install-local.bash FOLDER…   (root, at build, after the repo's files)
set -euo pipefail
export HOME=/root UV_LINK_MODE=copy
for folder in "$@"; do
    # Conda's Python may be marked as managed by conda alone; here it is ours.
    uv pip install --quiet --python /opt/env/bin/python --break-system-packages --no-deps --editable "$folder"
done
