#!/usr/bin/env bash
# Run the repo's postBuild, bounded in time, processes and disk. (root, at build)
# Usage: run-postbuild.bash [MAX_SECONDS [MAX_PROCESSES [MAX_MB]]]
# It runs as nobody's user: the limit of processes counts a user's on the whole machine, and participants share one.
set -euo pipefail
script=$(mktemp)
install -m 755 "$(dirname "$0")/postBuild" "$script"
max_seconds=${1:-900} max_processes=${2:-512} max_mb=${3:-10000}
as_nobodys_user=(setpriv --reuid 1001 --regid 1000 --clear-groups --no-new-privs)
die() { printf 'error: %s: %s\nhint: %s\n' postBuild "$1" "$2" >&2; exit 1; }

home=$(mktemp -d)
chown -R 1001:1000 "$home" /srv/env
cd /srv/env
free_mb() { df -Pm /srv/env | awk 'NR == 2 { print $4 }'; }
before=$(free_mb)
check_disk() {
    [ $((before - $(free_mb))) -lt "$max_mb" ] \
        || die "wrote more than $max_mb MB" "download large data in class, or put them into the shared folder"
}
HOME=$home prlimit --nproc="$max_processes" "${as_nobodys_user[@]}" bash -lc "exec '$script'" </dev/null &
child=$!
# All of that user in this container, whatever sessions they began: what was left running would go on writing.
stop() { "${as_nobodys_user[@]}" bash -c 'kill -KILL -1' 2>/dev/null || true; }
trap stop EXIT
for ((begun = SECONDS; SECONDS - begun < max_seconds; )); do
    kill -0 "$child" 2>/dev/null || break
    check_disk
    sleep 0.2
done
! kill -0 "$child" 2>/dev/null || die "did not end within $max_seconds s" "a build step must end by itself"
wait "$child" || die "ended with status $?" "its output is above"
stop
check_disk
rm -rf "$home" "$script"
# The repo's files are root's again, and whoever made them, participants can read them.
chown -R 0:0 /srv/env
chmod -R a+rX /srv/env
