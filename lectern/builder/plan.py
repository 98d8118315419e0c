"""Declaration + lock → Plan: which steps make the image. Pure and deterministic; snapshot-tested.

Steps that change rarely come first, so that the cache answers them: Debian, CRAN, Julia, then Python's chain
of locks (`delta`), kernels and defaults, the manifest, and last the repo's own files.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern import names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lectern.builder.declaration import Declaration
    from lectern.builder.languages import Language
    from lectern.builder.lock import Lock

#: Where a step finds itself and what it reads, while it runs.
_BUILD = "/srv/build"

_APT = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked",
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked",
)
_UV = (
    "--mount=type=cache,id=lectern-uv,target=/root/.cache/uv",
    "--mount=type=secret,id=uv,target=/etc/uv/uv.toml",
)
_PYTHONS = ("--mount=type=cache,id=lectern-pythons,target=/root/.cache/lectern-pythons",)
_CONDA = ("--mount=type=cache,id=lectern-conda,target=/root/.cache/rattler",)
_CRAN = ("--mount=type=cache,id=lectern-cran,target=/root/.cache/lectern-cran",)
_JULIA = ("--mount=type=cache,id=lectern-julia,target=/var/cache/lectern-julia",)


@dataclass(frozen=True)
class Step:
    """One RUN: a script of steps/ with arguments; the files it reads; the caches it uses."""

    script: str
    arguments: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()  # name beside the script -> file of the plan or of steps/
    mounts: tuple[str, ...] = ()
    user: str = "root"


@dataclass(frozen=True)
class Plan:
    """What the image is made from: steps before the repo's files come in, files, steps after."""

    base: str
    steps: tuple[Step, ...]
    files: dict[str, str]  # name in the build context -> text
    final_steps: tuple[Step, ...]
    owner: str  # of the repo's files in the image
    entrypoint: tuple[str, ...]


@dataclass(frozen=True)
class Addresses:
    """Where steps download from; none of them is in a lock."""

    torch_index: str
    python_mirror: str
    python_downloads: str
    cran: str
    cran_binaries: str
    conda_channels: str
    julia: str
    julia_packages: str
    debian_snapshot: str


def make_plan(
    declaration: Declaration,
    lock: Lock,
    languages: Mapping[str, Language],
    *,
    base: str,
    chain: tuple[str, ...],
    addresses: Addresses,
) -> Plan:
    """Say how an environment's image is built.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    lock : Lock
        What was chosen for it.
    languages : Mapping[str, Language]
        The catalogue's languages that the lock names.
    base : str
        The notebook image, name:tag.
    chain : tuple[str, ...]
        Python's locks, synced one after another (`delta.next_chain`).
    addresses : Addresses
        Where steps download from.
    """
    files: dict[str, str] = {}
    steps: list[Step] = []
    if lock.debian:
        files["debian.lock"] = _lines(lock.debian)
        arguments = (addresses.debian_snapshot,) if addresses.debian_snapshot else ()
        steps.append(Step("install-debian.bash", arguments, (("debian.lock", "debian.lock"),), _APT))
    steps += _r_steps(lock, files, addresses)
    steps += _julia_steps(lock, files, addresses)
    steps += _conda_steps(lock, files, addresses) if lock.conda else _python_steps(lock, files, chain, addresses)
    steps += _kernel_steps(lock, languages)
    steps += _default_steps(declaration, files)
    reads = tuple((name, name) for name in sorted(files) if name.endswith(".lock") and "-" not in name)
    steps.append(Step("write-manifest.bash", reads=reads))
    has_hook = "postBuild" in declaration.texts
    final = [Step("run-postbuild.bash", user="jovyan")] if has_hook else []
    return Plan(
        base,
        tuple(steps),
        files,
        (*final, Step("finish.bash")),
        owner="jovyan" if has_hook else "root",
        entrypoint=_entrypoint(declaration),
    )


def _lines(words: tuple[str, ...]) -> str:
    return "".join(f"{word}\n" for word in words)


def _r_steps(lock: Lock, files: dict[str, str], addresses: Addresses) -> list[Step]:
    steps = []
    if any(name.startswith("r-base-core=") for name in lock.debian):
        steps.append(Step("configure-r.bash"))
    if lock.r.cran:
        files["cran.lock"] = lock.r.step_file()
        mirrors = [f"cran={addresses.cran}"]
        if addresses.cran_binaries:
            mirrors.append(f"cran_binaries={addresses.cran_binaries}")
        steps.append(Step("install-cran.bash", tuple(mirrors), (("cran.lock", "cran.lock"),), _CRAN))
    return steps


def _julia_steps(lock: Lock, files: dict[str, str], addresses: Addresses) -> list[Step]:
    if not lock.julia:
        return []
    archive = lock.julia.archive(platform.machine())
    files["Project.toml"] = lock.julia.project
    reads = [("Project.toml", "Project.toml"), ("julia.sh", "julia.sh")]
    for name, text in (("Manifest.toml", lock.julia.manifest), ("KernelManifest.toml", lock.julia.kernel_manifest)):
        if text:
            files[name] = text
            reads.append((name, name))
    arguments = (
        *("--kernel", "generic" if "julia" in lock.languages else "ijulia"),
        *("--archive", f"{addresses.julia}/{archive.path}", "--sha256", archive.sha256),
        *("--packages", addresses.julia_packages),
    )
    return [Step("install-julia.bash", arguments, tuple(reads), _JULIA)]
