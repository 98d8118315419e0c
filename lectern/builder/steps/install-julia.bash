#!/usr/bin/env bash
# Install Julia, and a project's packages precompiled for all.   (root, at build)
# Usage: install-julia.bash --kernel ijulia|generic --archive URL --sha256 HEX --packages URL
# Reads Project.toml and julia.sh; Manifest.toml and KernelManifest.toml where the lock has them.
set -euo pipefail
export HOME=/root
here=$(dirname "$0")
depot=/opt/julia-depot project=/opt/julia-project
kernel='' archive='' sha256='' packages=''
while [ $# -gt 1 ]; do
    case $1 in
        --kernel) kernel=$2 ;;
        --archive) archive=$2 ;;
        --sha256) sha256=$2 ;;
        --packages) packages=$2 ;;
    esac
    shift 2
done

die() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
matches() { printf '%s  %s\n' "$sha256" "$1" | sha256sum --check --status 2>/dev/null; }

# The notebook image has no curl.
fetch() {
    /opt/jupyter/bin/python - "$1" "$2" <<'PYTHON'
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(answer, file)
except OSError as problem:
    sys.exit(f"{sys.argv[1]}: {problem}")
PYTHON
}

unpack_julia() {
    local kept=/var/cache/lectern-julia/$sha256.tar.gz
    mkdir -p "${kept%/*}"
    if ! matches "$kept"; then
        fetch "$archive" "$kept.part" || die "Julia cannot be downloaded" "LECTERN_JULIA is where Julia's releases lie; the build goes on there when you try again"
        matches "$kept.part" || die "$archive has another checksum than the lock" "a download that was cut short is mended by trying again; else the release was replaced: \`lectern lock --upgrade\`"
        mv "$kept.part" "$kept"
    fi
    mkdir -p /opt/julia
    tar -xzf "$kept" -C /opt/julia --strip-components=1 --no-same-owner
    install -m 755 "$here/julia.sh" /usr/local/bin/julia
}

# Native code for any processor of this kind, and faster variants that are chosen when it is loaded: the
# targets of Julia's own releases, https://docs.julialang.org/en/v1/devdocs/sysimg/
processors() {
    case $(uname -m) in
        x86_64) echo 'generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)' ;;
        aarch64) echo 'generic;cortex-a57;thunderx2t99;carmel,clone_all' ;;
    esac
}

in_project() { /opt/julia/bin/julia --startup-file=no --project="$1" -e "$2"; }

install_packages() {
    install -D -m 644 "$here/Project.toml" $project/Project.toml
    [ ! -e "$here/Manifest.toml" ] || install -m 644 "$here/Manifest.toml" $project/Manifest.toml
    in_project $project 'using Pkg; Pkg.instantiate(); Pkg.precompile()' \
        || die "Project.toml: the packages above cannot be installed" "loosen its [compat], or remove Manifest.toml to have the versions chosen anew"
    # Julia writes none for a project without packages; the lock reads one from every image.
    [ -e $project/Manifest.toml ] || : >$project/Manifest.toml
}

# Apart from the project: what IJulia needs must not decide which versions the project can have.
install_ijulia() {
    local own=/opt/julia-kernel
    install -d $own
    printf '[deps]\nIJulia = "7073ff75-c697-5162-941a-fcdaad2a7d2a"\n' >$own/Project.toml
    [ ! -e "$here/KernelManifest.toml" ] || install -m 644 "$here/KernelManifest.toml" $own/Manifest.toml
    export IJULIA_NODEFAULTKERNEL=1 JUPYTER=/opt/jupyter/bin/jupyter JUPYTER_DATA_DIR=/opt/env/share/jupyter
    in_project $own 'using Pkg; Pkg.instantiate(); Pkg.precompile(); import IJulia; IJulia.installkernel("Julia"; specname = "julia")' \
        || die "IJulia cannot be installed from $packages" "the package server must have IJulia and its artifacts (ZMQ); \`kernels: [julia]\` in lectern.yml takes Lectern's own kernel, which needs neither"
    /opt/jupyter/bin/python - $JUPYTER_DATA_DIR/kernels/julia/kernel.json $own <<'PYTHON'
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
spec = json.loads(path.read_text())
spec["argv"][0] = "/usr/local/bin/julia"
spec["display_name"] = "Julia"
spec.setdefault("env", {})["JULIA_LOAD_PATH"] = f"@:@v#.#:/opt/julia-project:@stdlib:{sys.argv[2]}"
path.write_text(json.dumps(spec, indent=1, sort_keys=True) + "\n")
PYTHON
}

unpack_julia
# The empty entry at the end stands for what comes with Julia.
export JULIA_DEPOT_PATH=$depot: JULIA_PKG_SERVER=$packages JULIA_PKG_PRECOMPILE_AUTO=0
JULIA_CPU_TARGET=$(processors)
export JULIA_CPU_TARGET
fetch "$packages/registries" /dev/null || die "Julia's package server does not answer" "LECTERN_JULIA_PACKAGES is its address"
install_packages
[ "$kernel" != ijulia ] || install_ijulia
# A participant's own Julia fetches the registry when it adds a package; it could not renew one of root's.
rm -rf $depot/registries $depot/logs
chmod -R a+rX $depot $project
