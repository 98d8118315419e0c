# shellcheck shell=bash
# Shared by every script here: strict mode, where things are, settings, one way to call Compose, ways to speak.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STATE=${LECTERN_STATE:-$ROOT/.lectern}                                  # logs and generated configuration
SECRETS=${LECTERN_STATE:+$LECTERN_STATE/secrets}
SECRETS=${SECRETS:-$ROOT/.secrets}
NOTICE=${LECTERN_STATE:-$ROOT}/privacy.md                               # the operator's; absent: nothing is asked
LOGS=$STATE/logs
MACHINE=${LECTERN_MACHINE:-$STATE}   # what was read off the machine; in the development container, the host's

say() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }

# Run a command as root: directly, or through sudo where that works or a person can be asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
    else return 126
    fi
}
can_be_root() { as_root true 2>/dev/null; }

# Read one setting: the environment, then .env, then the default. Usage: setting NAME DEFAULT
setting() {
    local value=${!1:-}
    if [ -z "$value" ] && [ -f "$ROOT/.env" ]; then
        value=$(sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$ROOT/.env" | tail -n 1 \
            | sed -e 's/[[:space:]]*$//' -e "s/^'\(.*\)'\$/\1/" -e 's/^"\(.*\)"$/\1/')
    fi
    printf '%s' "${value:-$2}"
}

# This machine's address as others type it: the one its default route leaves from, else the first of a real interface.
own_address() {
    local address
    address=$(ip -4 route get 192.0.2.254 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')
    [ -n "$address" ] || address=$(ip -4 -o address show up scope global 2>/dev/null \
        | awk '$2 !~ /^(docker|br-|veth)/ { split($4, part, "/"); print part[1]; exit }')
    printf '%s' "${address:-127.0.0.1}"
}

# What Compose interpolates; everything else is read by lectern.settings.
export_settings() {
    local host
    LECTERN_PROJECT=$(setting LECTERN_PROJECT "lectern-$(printf %s "$ROOT" | sha256sum | cut -c1-6)")
    LECTERN_PORT=$(setting LECTERN_PORT 8000)
    LECTERN_BIND=$(setting LECTERN_BIND 0.0.0.0)
    host=$LECTERN_BIND
    [ "$host" != 0.0.0.0 ] || host=$(own_address)
    LECTERN_ADDRESS=$(setting LECTERN_ADDRESS "http://$host:$LECTERN_PORT")
    LECTERN_ADDRESS=${LECTERN_ADDRESS%/}
    LECTERN_ENVIRONMENT=$(setting LECTERN_ENVIRONMENT data-literacy)
    export LECTERN_PROJECT LECTERN_PORT LECTERN_BIND LECTERN_ADDRESS LECTERN_ENVIRONMENT MACHINE SECRETS STATE
}

require_engine() { docker info >/dev/null 2>&1 || die "the Docker engine does not answer" "\`make up\` starts it"; }

# What the containers read: settings in one file, what .env says and then what the environment says; the notice.
write_settings() {
    local name
    {
        cat "$ROOT/.env" 2>/dev/null || true
        echo
        for name in $(compgen -e LECTERN_); do
            case $name in LECTERN_STATE | LECTERN_MACHINE) continue ;; esac
            [ -n "${!name}" ] || continue
            printf "%s='%s'\n" "$name" "${!name//\'/\\\'}"
        done
    } >"$STATE/settings.env.$$"
    mv "$STATE/settings.env.$$" "$STATE/settings.env"
    # A copy in a folder of its own: a file that is replaced would stay the old one in a container.
    mkdir -p "$STATE/notice"
    if [ ! -f "$NOTICE" ]; then rm -f "$STATE/notice/privacy.md"
    elif ! cmp -s "$NOTICE" "$STATE/notice/privacy.md"; then
        cp "$NOTICE" "$STATE/notice/privacy.md.$$" && mv "$STATE/notice/privacy.md.$$" "$STATE/notice/privacy.md"
    fi
}

compose() {
    # shellcheck source=/dev/null
    [ -f "$STATE/images.env" ] || die "nothing is built yet" "\`make up\` builds and starts Lectern"
    write_settings
    docker compose --project-directory "$ROOT" --project-name "$LECTERN_PROJECT" \
        --env-file "$STATE/images.env" --file "$ROOT/compose.yaml" "$@"
}

# Say what a failed step's log is known to mean, as "fact|next step".
# shellcheck disable=SC2016  # backticks are for the reader
known_cause() {
    if grep -qiE 'no space left on device|disk quota exceeded' "$1"; then
        printf 'the disk is full|free some (`docker system df` shows what Docker holds); `make up` goes on where it stopped'
    elif grep -qE 'Temporary failure resolving|Could not resolve host|Failed to fetch|EAI_AGAIN|ENOTFOUND|error sending request' "$1"; then
        printf 'a package mirror does not answer|see that this machine is online; `make up` goes on where it stopped'
    fi
}

# Run something that takes long: progress on the terminal, output in a log. Usage: with_log WHAT LOG COMMAND…
with_log() {
    local what=$1 log=$LOGS/$2 begun=$SECONDS child ended=0 cause
    shift 2
    mkdir -p "$LOGS"
    set -m   # a process group of its own, so that stopping it leaves none of its children behind
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    set +m
    trap 'kill -- "-$child" 2>/dev/null; wait "$child" || true; die "stopped while: $what" "the same command goes on where it stopped; log: $log"' INT TERM HUP
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        if [ -t 2 ]; then printf '\r==> %s … %d s ' "$what" $((SECONDS - begun)) >&2
        elif [ $(((SECONDS - begun) % 15)) = 14 ]; then note "$what … $((SECONDS - begun)) s"; sleep 1
        fi
    done
    wait "$child" || ended=$?
    trap - INT TERM HUP
    [ -t 2 ] && printf '\r' >&2
    if [ "$ended" != 0 ]; then
        tail -n 25 "$log" >&2
        cause=$(known_cause "$log")
        die "failed: $what${cause:+: ${cause%%|*}}" "${cause:+${cause#*|}; }the whole log is $log"
    fi
    say "$what: $((SECONDS - begun)) s"
}
export_settings
