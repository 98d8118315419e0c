#!/bin/sh
# Julia with the course's packages below one's own. In the image: /usr/local/bin/julia, for terminals and kernels.

# Processors that this container may use: its quota, rounded up, and never more than there are.
processors() {
    there=$(nproc)
    if [ -r /sys/fs/cgroup/cpu.max ]; then
        read -r quota period </sys/fs/cgroup/cpu.max
    elif [ -r /sys/fs/cgroup/cpu/cpu.cfs_quota_us ]; then
        read -r quota </sys/fs/cgroup/cpu/cpu.cfs_quota_us
        read -r period </sys/fs/cgroup/cpu/cpu.cfs_period_us
    fi
    case ${quota:-max} in
        max | -1) allowed=$there ;;
        *) allowed=$(((quota + period - 1) / period)) ;;
    esac
    if [ "$allowed" -lt "$there" ]; then echo "$allowed"; else echo "$there"; fi
}

# The empty entry at the end stands for what comes with Julia.
export JULIA_DEPOT_PATH="${JULIA_DEPOT_PATH:-$HOME/.julia:/opt/julia-depot:}"
# No JULIA_PROJECT: what a participant adds goes into a project of their own, and both are loaded from.
export JULIA_LOAD_PATH="${JULIA_LOAD_PATH:-@:@v#.#:/opt/julia-project:@stdlib}"
# Julia and OpenBLAS would take as many threads as the whole machine has processors.
export JULIA_CPU_THREADS="${JULIA_CPU_THREADS:-$(processors)}"
export JULIA_NUM_THREADS="${JULIA_NUM_THREADS:-$JULIA_CPU_THREADS}"
# Plots (GR) draws into a file, as there is no screen.
export GKSwstype="${GKSwstype:-100}"
exec /opt/julia/bin/julia "$@"
