#!/usr/bin/env bash
# Install a Julia project's packages and its kernel, precompiled for all.   (root, at build, after install-julia.bash)
# Usage: install-julia-packages.bash ijulia|generic SERVER
# Reads Project.toml; Manifest.toml and KernelManifest.toml where the lock has them.
set -euo pipefail
export HOME=/root
kernel=$1 server=$2
here=$(dirname "$0")
depot=/opt/julia-depot project=/opt/julia-project kernel_project=/opt/julia-kernel

die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
in_project() { /opt/julia/bin/julia --startup-file=no --project="$1" -e "$2"; }

# Native code for any processor of this kind, and faster variants that are chosen when it is loaded: the
# targets of Julia's own releases, https://docs.julialang.org/en/v1/devdocs/sysimg/
processors() {
    case $(uname -m) in
        x86_64) echo 'generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)' ;;
        aarch64) echo 'generic;cortex-a57;thunderx2t99;carmel,clone_all' ;;
    esac
}

install_packages() {
    mkdir -p $project
    # Without the two lines that make a package of it: its sources are not here.
    sed -E '1,/^\s*\[/ { /^\s*(name|uuid)\s*=/d }' "$here/Project.toml" >$project/Project.toml
    [ ! -e "$here/Manifest.toml" ] || install -m 644 "$here/Manifest.toml" $project/Manifest.toml
    in_project $project 'using Pkg; Pkg.instantiate(); Pkg.precompile()' \
        || die "Project.toml: its packages cannot be installed" "the lines above say which; loosen its [compat], or remove Manifest.toml to have the versions chosen anew"
    # Julia writes none for a project without packages; the lock reads one out of every image.
    [ -e $project/Manifest.toml ] || : >$project/Manifest.toml
}

# Apart from the project: what IJulia needs must not decide which versions the project can have.
install_ijulia() {
    install -d $kernel_project
    printf '[deps]\nIJulia = "7073ff75-c697-5162-941a-fcdaad2a7d2a"\n' >$kernel_project/Project.toml
    [ ! -e "$here/KernelManifest.toml" ] || install -m 644 "$here/KernelManifest.toml" $kernel_project/Manifest.toml
    export IJULIA_NODEFAULTKERNEL=1 JUPYTER=/opt/jupyter/bin/jupyter JUPYTER_DATA_DIR=/opt/env/share/jupyter
    in_project $kernel_project 'using Pkg; Pkg.instantiate(); Pkg.precompile(); import IJulia; IJulia.installkernel("Julia"; specname = "julia")' \
        || die "IJulia cannot be installed from $server" "the package server must have IJulia and its artifacts (ZMQ); \`kernels: [julia]\` in lectern.yml takes Lectern's own kernel, which needs neither"
    /opt/jupyter/bin/python - $JUPYTER_DATA_DIR/kernels/julia/kernel.json $kernel_project <<'PYTHON'
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
spec = json.loads(path.read_text())
spec["argv"][0] = "/usr/local/bin/julia"
spec["display_name"] = "Julia"
spec.setdefault("env", {})["JULIA_LOAD_PATH"] = f"@:@v#.#:/opt/julia-project:@stdlib:{sys.argv[2]}"
path.write_text(json.dumps(spec, indent=1, sort_keys=True) + "\n")
PYTHON
}

# The empty entry at the end stands for what comes with Julia.
export JULIA_DEPOT_PATH=$depot: JULIA_PKG_SERVER=$server JULIA_PKG_PRECOMPILE_AUTO=0
JULIA_CPU_TARGET=$(processors)
export JULIA_CPU_TARGET
# Asked first: without the server Julia would go on for minutes with the packages' own addresses.
/opt/jupyter/bin/python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60).close()' "$server/registries" \
    || die "Julia's package server does not answer" "LECTERN_JULIA_PACKAGES is its address"
install_packages
[ "$kernel" != ijulia ] || install_ijulia
# A participant's own Julia fetches the registry when it adds a package; it could not renew one of root's.
rm -rf $depot/registries $depot/logs
chmod -R a+rX $depot $project
