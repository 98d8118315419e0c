#!/usr/bin/env bash
# Install R and system packages from Debian. Usage: install-debian.bash PACKAGE…   (root, at build)
set -euo pipefail
export HOME=/root DEBIAN_FRONTEND=noninteractive
# Java's packages link manual pages into a folder that slim Debian lacks, and fail without it.
mkdir -p /usr/share/man/man1
apt-get -qq update
apt-get -qq install -y --no-install-recommends "$@"
