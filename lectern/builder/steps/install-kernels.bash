#!/usr/bin/env bash
# Write the kernelspecs of /opt/env. Usage: install-kernels.bash LANGUAGE…   (root, at build)
set -euo pipefail
export HOME=/root
for language in "$@"; do
    case $language in
        python) /opt/env/bin/python -m ipykernel install --prefix /opt/env --name python3 --display-name Python ;;
        r)
            R --quiet --no-save -e 'IRkernel::installspec(user = FALSE, prefix = "/opt/env")'
            # The server would look a bare `R` up in its own folder first.
            sed -i 's|\[ *"R"|["/usr/bin/R"|' /opt/env/share/jupyter/kernels/ir/kernel.json
            ;;
    esac
done
