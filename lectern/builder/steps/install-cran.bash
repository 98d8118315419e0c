#!/usr/bin/env bash
# Install R packages of CRAN as locked in cran.lock. Usage: install-cran.bash cran=ADDRESS [cran_binaries=ADDRESS]
# (root, at build; R is there, and r-base-dev where a package is compiled)
set -euo pipefail
export HOME=/root
lock=$(dirname "$0")/cran.lock           # lines `wave sha256 mirror path`
kept=/root/.cache/lectern-cran           # a cache mount: a file lies under its hash
# Debian's place for what the machine's owner adds: before Debian's own packages in every R's .libPaths().
export LIBRARY=/usr/local/lib/R/site-library
# A compiler takes up to a gigabyte; more than four at once serve no build machine.
jobs=$(nproc); jobs=$((jobs > 4 ? 4 : jobs))
WORK=$(mktemp -d); export WORK
trap 'rm -rf "$WORK"' EXIT

declare -A address
for pair in "$@"; do address[${pair%%=*}]=${pair#*=}; done
file_of() { printf '%s/%s/%s' "$kept" "$1" "${2##*/}"; }    # SHA256 PATH
is_as_locked() { sha256sum --status --check - 2>/dev/null <<<"$1  $2"; }    # SHA256 FILE
fail() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }

# R itself downloads: mirrors of ready-made packages decide by R's user agent what they send.
# What fails here is told by the hashes below.
cat >"$WORK/download.R" <<'R'
wanted <- read.delim(commandArgs(TRUE), header = FALSE, quote = "", colClasses = "character")
r <- paste(getRversion(), R.version$platform, R.version$arch, R.version$os)
options(timeout = 600, HTTPUserAgent = sprintf("R/%s R (%s)", getRversion(), r))
invisible(try(download.file(wanted[[1]], wanted[[2]], method = "libcurl", mode = "wb", quiet = TRUE)))
R
while read -r _ sha256 mirror path; do
    file=$(file_of "$sha256" "$path")
    is_as_locked "$sha256" "$file" && continue
    mkdir -p "${file%/*}" && rm -f "$file"
    printf '%s/%s\t%s\n' "${address[$mirror]:?no address is given for mirror $mirror}" "$path" "$file" >>"$WORK/wanted"
done <"$lock"
[ ! -e "$WORK/wanted" ] || Rscript --vanilla "$WORK/download.R" "$WORK/wanted"
while read -r _ sha256 mirror path; do
    file=$(file_of "$sha256" "$path")
    [ -e "$file" ] || fail "${address[$mirror]}/$path could not be had" \
        "is the mirror up, and has it this version still? \`scripts/lectern lock PATH --upgrade\` takes what it has now"
    is_as_locked "$sha256" "$file" || { rm -f "$file"
        fail "${address[$mirror]}/$path is not the file that was locked" "\`scripts/lectern lock PATH --upgrade\` takes what the mirror has now"; }
done <"$lock"

install_one() {
    local log=$WORK/${1##*/}.log
    # The time of a build is no part of what is built.
    if R CMD INSTALL --library="$LIBRARY" --pkglock --byte-compile --built-timestamp='1970-01-01 00:00:00 UTC' "$1" >"$log" 2>&1; then
        echo "installed ${1##*/}"
        return
    fi
    local header; header=$(sed -nE 's/.*fatal error: ([^:]+): No such file or directory.*/\1/p' "$log" | head -n 1)
    tail -n 40 "$log" >&2
    echo "error: R package ${1##*/} could not be installed" >&2
    [ -z "$header" ] || echo "hint: \`$header\` is missing: put the Debian package that has it into apt.txt" >&2
    exit 255    # xargs starts no more
}
export -f install_one
# Packages of one wave need none of each other.
for ((wave = 1; wave <= $(sort -n "$lock" | tail -n 1 | cut -d' ' -f1); wave++)); do
    while read -r number sha256 _ path; do
        [ "$number" != "$wave" ] || printf 'install_one %q\0' "$(file_of "$sha256" "$path")"
    done <"$lock" | MAKEFLAGS=-j2 xargs -0 -P "$jobs" -I{} bash -c {}
done
