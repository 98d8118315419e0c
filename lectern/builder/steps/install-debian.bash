#!/usr/bin/env bash
# Install R and system packages from Debian. Usage: install-debian.bash PACKAGE…   (root, at build)
set -euo pipefail
export HOME=/root DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends "$@"
