#!/usr/bin/env bash
# Install Julia for all. Usage: install-julia.bash ARCHIVE SHA256   (root, at build; beside it: julia.sh)
set -euo pipefail
export HOME=/root
archive=$1 sha256=$2
kept=/var/cache/lectern-julia/$sha256.tar.gz

die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
matches() { printf '%s  %s\n' "$sha256" "$1" | sha256sum --check --status 2>/dev/null; }

# The notebook image has no curl.
fetch() {
    /opt/jupyter/bin/python - "$1" "$2" <<'PYTHON'
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(answer, file)
except OSError as problem:
    sys.exit(f"{sys.argv[1]}: {problem}")
PYTHON
}

mkdir -p "${kept%/*}"
if ! matches "$kept"; then
    fetch "$archive" "$kept.part" || die "Julia cannot be downloaded" "LECTERN_JULIA is where Julia's releases lie"
    matches "$kept.part" || die "$archive has another checksum than the lock" \
        "try again, in case it was cut short; if the release was replaced, \`scripts/lectern lock PATH --upgrade\` takes the new one"
    mv "$kept.part" "$kept"
fi
mkdir -p /opt/julia
tar -xzf "$kept" -C /opt/julia --strip-components=1 --no-same-owner
install -m 755 "$(dirname "$0")/julia.sh" /usr/local/bin/julia
