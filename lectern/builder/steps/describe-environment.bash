#!/usr/bin/env bash
# Write what an environment has besides its packages, by the scripts that are beside this one: kernelspecs,
# languages, defaults, and last the manifest.
# Usage: describe-environment.bash [python] [r]   (root, at build, after all that installs)
set -euo pipefail
for script in install-kernels install-languages install-defaults write-manifest; do
    [ ! -e "$(dirname "$0")/$script.bash" ] || bash "$(dirname "$0")/$script.bash" "$@"
done
