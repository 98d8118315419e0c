#!/usr/bin/env bash
# Write the kernelspecs of /opt/env. Usage: install-kernels.bash [python] [r]   (root, at build)
# Programs are full paths: a bare name would be looked up in the server's own folder first.
set -euo pipefail
kernels=/opt/env/share/jupyter/kernels

# Usage: spec NAME LANGUAGE DISPLAY PROGRAM ARGUMENTS-AS-JSON
spec() {
    mkdir -p "$kernels/$1"
    printf '{\n "argv": ["%s", %s, "{connection_file}"],\n "display_name": "%s",\n "language": "%s",\n "metadata": {"debugger": %s}\n}\n' \
        "$4" "$5" "$3" "$2" "$6" >"$kernels/$1/kernel.json"
}

for language in "$@"; do
    case $language in
        python)
            spec python3 python Python /opt/env/bin/python '"-m", "ipykernel_launcher", "-f"' true
            cp /opt/env/lib/python3*/site-packages/ipykernel/resources/logo-* "$kernels/python3/" ;;
        r)
            spec ir R R /usr/lib/R/bin/R '"--slave", "-e", "IRkernel::main()", "--args"' false
            cp /usr/lib/R/site-library/IRkernel/kernelspec/logo-* "$kernels/ir/" ;;
    esac
done
