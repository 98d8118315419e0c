"""Install a conda lock into /opt/env, and give its kernels what activating it would set.

Usage: install_conda.py packages LOCK CHANNELS_ADDRESS, then install_conda.py kernels.
Runs in the image, at build, in a throw-away environment that has py-rattler.
"""  # noqa: INP001 - a file of the image, not of the package

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from rattler import Client, LockFile, install
from rattler.networking import MirrorMiddleware, RetryMiddleware
from rattler.shell import ActivationVariables, Shell, activate

OFFICIAL = "https://conda.anaconda.org"
PREFIX = Path("/opt/env")
CACHE = Path("/root/.cache/rattler")
PROFILE = Path("/etc/profile.d/lectern-conda.sh")

#: What every kernel is found by, whoever starts it: the server's PATH is not the environment's.
SEARCH_PATH = f"{PREFIX}/bin:/usr/local/bin:/usr/bin:/bin"

#: A shell's own affairs, and what the image sets for everybody.
NOT_FOR_KERNELS = {"PATH", "PS1", "PWD", "OLDPWD", "SHLVL", "_", "CONDA_SHLVL", "CONDA_PROMPT_MODIFIER"}


def install_packages(lock: str, mirror: str) -> None:
    """Download, check and link all packages of a lock."""
    environment = LockFile.from_path(lock).default_environment()
    (platform,) = environment.platforms()
    records = environment.conda_repodata_records_for_platform(platform)
    client = Client([MirrorMiddleware({f"{OFFICIAL}/": [f"{mirror}/"]}), RetryMiddleware(3)])
    try:
        asyncio.run(
            install(
                records,
                PREFIX,
                cache_dir=CACHE,
                client=client,
                show_progress=False,
                # Fonts, R packages and others are complete only after their scripts.
                execute_link_scripts=True,
            )
        )
    except Exception as problem:  # noqa: BLE001 - py-rattler has no common error, and each ends here
        sys.exit(refusal(str(problem)))


def refusal(reason: str) -> str:
    """Say what went wrong in the two lines of every error here."""
    if "hash mismatch" in reason.lower():
        hint = "the package is not the one that was locked: see what the mirror serves, or lock anew"
    elif "404" in reason:
        hint = (
            "the channel has that package no more, or the mirror not yet: lock anew, or take another mirror"
        )
    else:
        hint = "see that this machine is online; LECTERN_CONDA_CHANNELS names another mirror"
    facts = [line.removeprefix("Caused by: ").strip() for line in reason.splitlines() if line.strip()]
    return f"error: conda packages could not be installed: {': '.join(dict.fromkeys(facts))}\nhint: {hint}"


def activation() -> dict[str, str]:
    """Give the variables that `conda activate` would set."""
    plain = {"PATH": SEARCH_PATH, "HOME": "/root", "LANG": "C.UTF-8"}
    script = activate(PREFIX, ActivationVariables(None, SEARCH_PATH.split(":")), Shell.bash).script
    done = subprocess.run(
        ["bash", "-c", f"{script}\nexec env -0"], env=plain, capture_output=True, text=True, check=True
    )
    pairs = (pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)
    return {
        name: value
        for name, value in sorted(pairs)
        if name not in NOT_FOR_KERNELS and plain.get(name) != value
    }


def settle_kernels() -> None:
    """Give each kernel the environment's variables and a full path; terminals get the same variables."""
    variables = activation()
    kernels = PREFIX / "share/jupyter/kernels"
    # Conda's r-irkernel brings its kernelspec only as R's part of it.
    in_r = PREFIX / "lib/R/library/IRkernel/kernelspec"
    if in_r.is_dir() and not (kernels / "ir").exists():
        shutil.copytree(in_r, kernels / "ir")
    for path in kernels.glob("*/kernel.json"):
        spec = json.loads(path.read_text())
        program = spec["argv"][0]
        spec["argv"][0] = shutil.which(program, path=SEARCH_PATH) or program
        spec["env"] = variables | spec.get("env", {})
        path.write_text(json.dumps(spec, indent=1, sort_keys=True) + "\n")
    PROFILE.write_text(
        "# What `conda activate` would set, for terminals.\n"
        + "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    )


if __name__ == "__main__":
    status = 0
    try:
        match sys.argv[1:]:
            case ["packages", lock, mirror]:
                install_packages(lock, mirror)
            case ["kernels"]:
                settle_kernels()
            case _:
                sys.exit(__doc__)
    except SystemExit as told:
        sys.stderr.write(f"{told}\n")
        status = 1
    # py-rattler's threads now and then outlive their interpreter, and it would end with a segmentation fault.
    sys.stderr.flush()
    os._exit(status)
