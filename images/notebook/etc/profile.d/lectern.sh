# Debian's /etc/profile resets PATH; terminals and postBuild are login shells.
PATH=/opt/env/bin:/opt/jupyter/bin:$PATH
