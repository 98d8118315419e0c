#!/usr/bin/env bash
# Run the repo's postBuild, bounded in time, processes and disk. (root, at build)
# It runs as nobody's user: the limit of processes counts a user's on the whole machine, and participants share one.
set -euo pipefail
script=$(mktemp)
install -m 755 "$(dirname "$0")/postBuild" "$script"
max_seconds=900 max_processes=512 max_mb=10000
free_mb() { df -Pm /srv/env | awk 'NR == 2 { print $4 }'; }
die() { printf 'error: %s: %s\nhint: %s\n' postBuild "$1" "$2" >&2; exit 1; }

home=$(mktemp -d)
chown -R 1001:1000 "$home" /srv/env
cd /srv/env
before=$(free_mb)
HOME=$home setsid prlimit --nproc=$max_processes setpriv --reuid 1001 --regid 1000 --clear-groups --no-new-privs \
    bash -lc "exec '$script'" </dev/null &
child=$!
stop() { kill -KILL -- "-$child" 2>/dev/null || true; }
trap stop EXIT
for ((begun = SECONDS; SECONDS - begun < max_seconds; )); do
    kill -0 "$child" 2>/dev/null || break
    [ $((before - $(free_mb))) -lt $max_mb ] || { stop; die "wrote more than $max_mb MB" "download large data in class, or put them into the shared folder"; }
    sleep 0.2
done
! kill -0 "$child" 2>/dev/null || { stop; die "did not end within $max_seconds s" "a build step must end by itself"; }
wait "$child" || die "ended with status $?" "its output is above"
rm -rf "$home" "$script"
