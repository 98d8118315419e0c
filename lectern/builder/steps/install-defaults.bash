#!/usr/bin/env bash
# Make the environment's jupytext.toml and overrides.json everybody's defaults (a participant's own count more), and
# put its start hook where the image's entry point looks.
# (root, at build)
set -euo pipefail
here=$(dirname "$0")
[ ! -e "$here/jupytext.toml" ] || install -m 644 "$here/jupytext.toml" /etc/xdg/jupytext/jupytext.toml
# This file is read after those of overrides.d, where the image has its own.
[ ! -e "$here/overrides.json" ] \
    || install -D -m 644 "$here/overrides.json" /opt/jupyter/share/jupyter/lab/settings/overrides.json
[ ! -e "$here/start" ] || install -D -m 755 "$here/start" /opt/env/start
