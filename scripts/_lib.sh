# shellcheck shell=bash
# Shared by every script here: strict mode, the checkout's root, two ways to speak.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STATE="$ROOT/.lectern"   # logs and fingerprints of this checkout; safe to delete

say() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }

# Run a command as root: directly, or through sudo where a person can be asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
    else return 126
    fi
}
can_be_root() { as_root true 2>/dev/null; }
