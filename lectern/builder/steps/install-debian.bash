#!/usr/bin/env bash
# Install what debian.lock lists, `name=version` in exactly that one. Usage: install-debian.bash [SNAPSHOT]   (root, at build)
# What the archive no longer has is taken from SNAPSHOT, an archive of its past states, or in today's
# version: the manifest then differs from the lock, and the build says so.
set -euo pipefail
export HOME=/root DEBIAN_FRONTEND=noninteractive
lock=$(dirname "$0")/debian.lock
snapshot=${1:-}

# Print what apt has: name=version, a line for each version of each package named.
offered() { xargs -a <(cut -d= -f1 "$lock") apt-cache madison | awk -F ' *[|] *' '{ gsub(/ /, "", $1); print $1 "=" $2 }'; }
# Print the lines of the lock that apt lacks.
lacking() { grep '=' "$lock" | grep -vxF -f <(offered) || true; }

# Java's packages link manual pages into a folder that slim Debian lacks, and fail without it.
mkdir -p /usr/share/man/man1
apt-get -qq update
gone=$(lacking)
if [ -n "$gone" ] && [ -n "$snapshot" ]; then
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nCheck-Valid-Until: no\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
        "$snapshot" >/etc/apt/sources.list.d/lectern-snapshot.sources
    apt-get -qq update
    gone=$(lacking)
fi
if [ -n "$gone" ]; then
    echo "Debian's archive no longer has $(tr '\n' ' ' <<<"$gone")"
fi
mapfile -t exact < <(grep -vxF -f <(printf '%s\n' "$gone") "$lock")
mapfile -t current < <(cut -d= -f1 <<<"$gone")
# A step that does not end leaves nothing, so dpkg need not wait for the disk.
install() { apt-get -qq install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"; }
# A version that went took its dependants' exact wishes with it: then all are taken as they are today.
install --allow-downgrades "${exact[@]}" ${gone:+"${current[@]}"} \
    || { [ -n "$gone" ] && mapfile -t today < <(cut -d= -f1 "$lock") && install "${today[@]}"; }
rm -f /etc/apt/sources.list.d/lectern-snapshot.sources
