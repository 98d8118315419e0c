#!/usr/bin/env bash
# Make /opt/env hold exactly what python.lock and python-direct.lock list.   (root, at build)
# Usage: install-python.bash [VERSION] [--mirror URL] [--downloads URL] [--torch-index URL]
# A VERSION that Debian does not have comes from uv's builds, or from a mirror or a list of them.
set -euo pipefail
export HOME=/root VIRTUAL_ENV=/opt/env UV_LINK_MODE=copy UV_PYTHON_INSTALL_DIR=/opt/python
export SOURCE_DATE_EPOCH=315532800 PYC_INVALIDATION_MODE=UNCHECKED_HASH   # what builds makes is the same each time
here=$(dirname "$0")
own=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')

version=$own downloads=() sync=()
case ${1:-} in [0-9]*) version=$1; shift ;; esac
while [ $# -gt 1 ]; do
    case $1 in
        --mirror) downloads+=(--mirror "$2") ;;
        --downloads) downloads+=(--python-downloads-json-url "$2") ;;
        # The lock's hashes say which file is meant, wherever it lies.
        --torch-index) for name in torch torchvision torchaudio; do sync+=(--find-links "$2/$name/"); done ;;
        *) printf 'error: no option %s\n' "$1" >&2; exit 2 ;;
    esac
    shift 2
done

if [ "$version" = "$own" ]; then
    python=/usr/bin/python3
else
    uv python install --no-progress --no-bin --compile-bytecode --install-dir /opt/python "${downloads[@]}" "$version" || {
        printf 'error: Python %s could not be downloaded\n' "$version" >&2
        printf 'hint: set LECTERN_PYTHON_MIRROR or LECTERN_PYTHON_DOWNLOADS, or declare python=%s, which Debian has\n' "$own" >&2
        exit 1
    }
    python=$(uv python find --managed-python --no-python-downloads "$version")
    chmod -R a+rX /opt/python
fi
# A further lock on top of one that is built already changes only what differs.
[ -x /opt/env/bin/python ] || uv venv --quiet --allow-existing --python "$python" /opt/env
uv pip sync --quiet --require-hashes "${sync[@]}" "$here/python.lock"
if [ -s "$here/python-direct.lock" ]; then
    uv pip install --quiet --no-deps --requirements "$here/python-direct.lock"
fi
# Without bytecode each first import takes twice as long.
/opt/env/bin/python -B "$here/compile_bytecode.py"
