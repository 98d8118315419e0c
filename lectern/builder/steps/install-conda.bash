#!/usr/bin/env bash
# Make /opt/env hold what conda.lock lists and pip.lock adds. Usage: install-conda.bash CHANNELS_ADDRESS   (root, at build)
set -euo pipefail
export HOME=/root UV_LINK_MODE=copy UV_NO_PROGRESS=1
here=$(dirname "$0")

# The installer and all that the others leave behind while they work: gone when this step ends. What was
# downloaded stays in the caches.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
installer=$TMPDIR/installer
uv venv --quiet --python /usr/bin/python3 "$installer"
VIRTUAL_ENV=$installer uv pip sync --quiet --require-hashes "$here/conda-installer.lock"
"$installer/bin/python" -B "$here/install_conda.py" packages "$here/conda.lock" "$1"

if [ -s "$here/pip.lock" ]; then
    # Conda's Python may be marked as managed by conda alone; here it is ours.
    pip=(uv pip install --python /opt/env/bin/python --break-system-packages --no-deps --require-hashes --requirements "$here/pip.lock")
    if replaced=$("${pip[@]}" --dry-run 2>&1 | grep '^ - '); then
        printf 'error: what PyPI adds would replace packages of conda\n%s\nhint: %s\n' "$replaced" \
            'ask for the same version among the conda packages, or leave it out under pip' >&2
        exit 1
    fi
    "${pip[@]}" --quiet
fi

if [ -x /opt/env/bin/python ]; then
    /opt/env/bin/python -m ipykernel install --prefix /opt/env --name python3 --display-name Python
    # By content and not by time, so that no build finds it stale. A process for each package, since what a
    # process has compiled before shows in the bytes. Packages' own tests, often half of their files, are
    # compiled when somebody runs them; a package may also bring files that are no Python of this version.
    find /opt/env -name __pycache__ -prune -exec rm -rf {} +
    library=$(/opt/env/bin/python -B -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
    compile=(/opt/env/bin/python -B -S -m compileall -qq -f -x '/tests?/' --invalidation-mode unchecked-hash)
    "${compile[@]}" -l "$library" "$library/site-packages" || true
    find "$library" "$library/site-packages" -mindepth 1 -maxdepth 1 -type d ! -name site-packages ! -name '*-info' -print0 \
        | xargs -0 -n 1 -P "$(nproc)" "${compile[@]}" || true
fi
"$installer/bin/python" -B "$here/install_conda.py" kernels
# The records of what is installed come readable by root alone.
chmod -R a+rX /opt/env
