#!/usr/bin/env bash
# Run the repo's postBuild as nobody's user, and give what it made to all.   (root, at build)
set -euo pipefail
script=$(mktemp)
install -m 755 "$(dirname "$0")/postBuild" "$script"
as_nobodys_user=(setpriv --reuid 1001 --regid 1000 --clear-groups --no-new-privs)

home=$(mktemp -d)
chown -R 1001:1000 "$home" /srv/env
cd /srv/env
status=0
HOME=$home "${as_nobodys_user[@]}" bash -lc "exec '$script'" </dev/null || status=$?
# All of that user in this container, whatever sessions they began: what was left running would go on writing.
"${as_nobodys_user[@]}" bash -c 'kill -KILL -1' 2>/dev/null || true
[ "$status" = 0 ] || {
    printf 'error: postBuild: ended with status %s\nhint: its output is above\n' "$status" >&2
    exit 1
}
left=$(find "$home" -mindepth 1 -maxdepth 1 ! -name '.*' -printf '%f ')
[ -z "$left" ] || printf 'notice: postBuild: not kept, as it is in its home and not in the repo: %s\n' "$left"
rm -rf "$home" "$script"
# The repo's files are root's again, and whoever made them, participants can read them.
chown -R 0:0 /srv/env
chmod -R a+rX /srv/env
