#!/usr/bin/env bash
# Write Debian bullseye's Julia to stdout, packed as Julia's own releases are: one folder, runs anywhere.
# Runs as root in a throw-away container of lectern/base, and takes mirror and keyring from there.
set -euo pipefail
exec 3>&1 >&2
export DEBIAN_FRONTEND=noninteractive
version=1.5.3 triplet=$(uname -m)-linux-gnu
apt-get -qq update
apt-get -qq install -y --no-install-recommends patchelf

sources=(/etc/apt/sources.list.d/*.sources)
mirror=$(sed -n 's/^URIs: //p' "${sources[0]}" | head -n 1)
keyring=$(sed -n 's/^Signed-By: //p' "${sources[0]}" | head -n 1)
rm "${sources[@]}"
printf 'deb [signed-by=%s] %s bullseye main\n' "$keyring" "$mirror" >/etc/apt/sources.list
mkdir -p /tmp/lists/partial /tmp/packages/partial
# As if nothing were installed: all that Julia needs is fetched, and nothing of it is unpacked here.
empty=(-qq -o APT::Sandbox::User=root -o Dir::State::status=/dev/null -o Dir::State::lists=/tmp/lists -o Dir::Cache::archives=/tmp/packages)
apt-get "${empty[@]}" update
apt-get "${empty[@]}" install -y --no-install-recommends --download-only julia
rm /tmp/packages/libc6_*   # the C library is the image's

release=/tmp/julia-$version
mkdir "$release"
for package in /tmp/packages/{julia,lib,zlib1g}*.deb; do
    dpkg-deb -x "$package" /tmp/unpacked
done
cp -a /tmp/unpacked/usr/{bin,lib,share} /tmp/unpacked/etc "$release"
[ ! -d /tmp/unpacked/lib ] || cp -a /tmp/unpacked/lib "$release"
rm -rf "$release"/share/{doc,man,locale,lintian,julia/test}
# Libraries are looked up as the program says (RPATH), unless one says otherwise itself (RUNPATH).
find "$release/lib" -type f -name '*.so*' -exec patchelf --remove-rpath {} +
# shellcheck disable=SC2016  # $ORIGIN is the loader's
patchelf --force-rpath --set-rpath '$ORIGIN/../lib/'"$triplet:"'$ORIGIN/../lib/'"$triplet/julia" "$release/bin/julia"
tar --directory /tmp --sort=name --mtime=@1609459200 --owner=0 --group=0 --numeric-owner --create "julia-$version" | gzip -1 >&3
