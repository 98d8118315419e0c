#!/usr/bin/env bash
# Add to the manifest what came with the repo's own files: its projects, and what postBuild made.
# Usage: record-repo.bash [python:FOLDER | r:FOLDER | postBuild]…   (root, at build, after all of that)
set -euo pipefail
/opt/jupyter/bin/python -B "$(dirname "$0")/record_repo.py" "$@"
