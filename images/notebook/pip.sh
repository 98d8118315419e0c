#!/usr/bin/env bash
# What participants type: packages are listed. To install them is the instructor's, for everybody at once.
# Usage: pip list|show|freeze|check|tree …   (as /usr/local/bin/pip, where no environment brings one)
case ${1:-} in
    list | show | freeze | check | tree) exec uv pip "$1" --python /opt/env/bin/python "${@:2}" ;;
esac
cat >&2 <<'SAID'
pip: this environment is the same for everybody, so nothing is installed into it from here.
Ask your instructor to add what you miss to its environment.yml; it is there when you start again.
SAID
exit 1
