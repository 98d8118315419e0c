#!/usr/bin/env bash
# Let what a participant installs in R land in their home. (root, at build, after R)
# R uses a personal library only where its folder is there, and makes it only after asking in a terminal;
# a notebook has none. The folder's name has R's version, so another R never meets these packages.
set -euo pipefail
site=$(R RHOME)/etc/Rprofile.site
mark='# Lectern: a personal library'
grep -qF "$mark" "$site" 2>/dev/null || cat >>"$site" <<R

$mark, made at first use
local({
    own <- path.expand(strsplit(Sys.getenv("R_LIBS_USER"), .Platform\$path.sep)[[1]][1])
    is_theirs <- startsWith(own, paste0(path.expand("~"), "/")) && Sys.info()[["effective_user"]] != "root"
    if (isTRUE(is_theirs) && !dir.exists(own) && dir.create(own, FALSE, recursive = TRUE)) .libPaths(c(own, .libPaths()))
})
R
