# shellcheck shell=sh
# Run a program in the Python of an image's own JupyterHub server, within limits.
# Usage: sh -c THIS sh LIMITS PROGRAM ARGUMENT…   (the participant, in a throw-away container)
# What the image must bring to be a workspace is said here, as nothing else of it is known.
fail() {
    printf '%s\n' "$1" >&2
    exit 1
}
[ "$(id -u)" = 1000 ] \
    || fail "it runs as user $(id -u): end the Dockerfile with USER 1000, or \${NB_UID} as mybinder.org gives it"
server=$(command -v jupyterhub-singleuser) \
    || fail "it has no jupyterhub-singleuser: let the Dockerfile install jupyterhub and jupyterlab, as mybinder.org demands"
read -r first <"$server"
python=${first#\#!}
[ -x "$python" ] || python=$(command -v python3) || fail "its jupyterhub-singleuser has no Python"
"$python" -c 'import jupyter_client, jupyterlab' || fail "$python has no jupyterlab: let the Dockerfile install it beside jupyterhub"
limits=$1 program=$2
shift 2
exec "$python" -ISc "$limits" "$python" -c "$program" "$@"
