# Debian's /etc/profile resets PATH; terminals and postBuild are login shells.
PATH=/opt/env/bin:/opt/jupyter/bin:$PATH
# What the server's start had to leave out (workspace_server.extensions).
case $- in *i*) [ ! -s /tmp/workspace-notices ] || sed 's/^/! /' /tmp/workspace-notices ;; esac
