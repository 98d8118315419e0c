"""Declaration + lock → Plan: which steps make the image. Pure and deterministic; snapshot-tested.

Steps that change rarely come first, so that the cache answers them: Debian, CRAN, Julia, then Python's chain
of locks (`delta`), kernels, defaults and the manifest, and last the repo's own files. The first of Python's
locks needs nothing of Debian, unless something has to be compiled: its step runs beside the ones before it.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.languages.catalogue import bundle
from lectern.builder.resolve.cran_source import addresses as cran_addresses
from lectern.builder.resolve.python_version import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lectern.builder.declaration import Declaration
    from lectern.builder.languages.catalogue import Language
    from lectern.builder.lock import Lock

#: The repo's `start`, which runs before the server and starts it.
_START = "/opt/env/start"
#: The stage of steps that run beside the others.
_ASIDE = "aside"
_TINI = ("tini", "-g", "--")
#: The repo's own programs: what they do is theirs, what they are is in the manifest.
_HOOKS = ("postBuild", "start")
_DEFAULTS = ("jupytext.toml", "overrides.json", "start")

#: What scripts written for mybinder.org look for; people's own programs come after the environment's.
_FOR_HOOKS = (
    f"REPO_DIR={names.REPO} NB_USER=jovyan NB_PYTHON_PREFIX=/opt/env KERNEL_PYTHON_PREFIX=/opt/env "
    f"PATH=$PATH:/home/jovyan/.local/bin:{names.REPO}/.local/bin"
)

#: Where a step finds itself and what it reads, while it runs.
_BUILD = "/srv/build"

#: What holds a step within its limits. A secret is no part of the cache's key: a new limit rebuilds nothing.
_BOUNDED = (
    f"--mount=type=secret,id=bounded,target={_BUILD}/bounded.py,required=true",
    f"exec {names.SERVER_PREFIX}/bin/python -IS {_BUILD}/bounded.py",
)

_APT = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked",
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked",
)
_UV = (
    "--mount=type=cache,id=lectern-uv,target=/root/.cache/uv",
    "--mount=type=secret,id=uv,target=/etc/uv/uv.toml",
    "--mount=type=secret,id=netrc,target=/root/.netrc",
)
_CONDA = (*_UV, "--mount=type=cache,id=lectern-conda,target=/root/.cache/rattler")
_CRAN = ("--mount=type=cache,id=lectern-cran,target=/root/.cache/lectern-cran",)
_REPO = (f"--mount=type=bind,source=src,target={_BUILD}/src",)
_JULIA = ("--mount=type=cache,id=lectern-julia,target=/var/cache/lectern-julia,sharing=locked",)


@dataclass(frozen=True)
class Step:
    """One RUN: a script of steps/ with arguments; the files beside it; the caches it uses."""

    script: str
    arguments: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()  # name beside the script -> file of the plan, or of steps/
    mounts: tuple[str, ...] = ()
    #: What it makes, where it needs none of the steps before it: it runs beside them, and this is copied.
    makes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the image is made from: steps before the repo's files come in, files, steps after."""

    base: str
    steps: tuple[Step, ...]
    files: dict[str, str]  # name in the build context -> text
    final_steps: tuple[Step, ...]
    entrypoint: tuple[str, ...]

    def needed(self) -> list[str]:
        """Give the names of all scripts and files that the steps run and read, sorted."""
        steps = (*self.steps, *self.final_steps)
        return sorted({name for step in steps for name in (step.script, *(file for _, file in step.reads))})

    def recipe(self, script: Callable[[str], str]) -> str:
        """Give the hash of all that this plan runs and reads: the repo's own files apart, the same image.

        Parameters
        ----------
        script : Callable[[str], str]
            Gives the text of a file of steps/.
        """
        texts = {name: self.files.get(name) or script(name) for name in self.needed()}
        return hashlib.sha256(json.dumps([asdict(self), texts], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Addresses:
    """Where steps download from; none of them is in a lock."""

    torch_index: str = ""
    python_mirror: str = ""
    python_downloads: str = ""
    cran: str = ""
    cran_binaries: str = ""
    conda_channels: str = ""
    julia: str = ""
    julia_packages: str = ""
    debian_snapshot: str = ""


def make_plan(
    declaration: Declaration,
    lock: Lock,
    languages: Sequence[Language],
    *,
    base: str,
    chain: tuple[str, ...],
    addresses: Addresses,
    architecture: str,
) -> Plan:
    """Say how an environment's image is built.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    lock : Lock
        What was chosen for it.
    languages : Sequence[Language]
        The catalogue's languages that the lock names.
    base : str
        The notebook image, name:tag.
    chain : tuple[str, ...]
        Python's locks, synced one after another (`delta.next_chain`).
    addresses : Addresses
        Where steps download from.
    architecture : str
        The machine that the image is for, as `platform.machine()` says it.
    """
    files: dict[str, str] = {}
    steps = [
        *_debian_steps(lock, files, addresses),
        *_r_steps(lock, files, addresses),
        *_julia_steps(lock, files, addresses, architecture),
        *(_conda_steps if lock.conda else _python_steps)(lock, files, chain, addresses),
    ]
    steps.append(_describing_step(declaration, lock, languages, files, chain if lock.python else ()))
    return Plan(
        base,
        tuple(steps),
        files,
        _final_steps(declaration, lock),
        entrypoint=(*_TINI, *((_START,) if "start" in declaration.texts else ())),
    )


def _debian_steps(lock: Lock, files: dict[str, str], addresses: Addresses) -> list[Step]:
    if not lock.debian:
        return []
    files["debian.lock"] = _lines(lock.debian)
    snapshot = (addresses.debian_snapshot,) if addresses.debian_snapshot else ()
    return [Step("install-debian.bash", snapshot, _same("debian.lock"), _APT)]


def _r_steps(lock: Lock, files: dict[str, str], addresses: Addresses) -> list[Step]:
    steps = []
    if lock.r.cran:
        files["cran.lock"] = lock.r.step_file()
        mirrors = cran_addresses(addresses.cran, addresses.cran_binaries, lock.r.snapshot)
        words = tuple(f"{name}={address}" for name, address in mirrors.items())
        steps.append(Step("install-cran.bash", words, _same("cran.lock"), _CRAN))
    if lock.has_debian("r-base-core"):
        steps.append(Step("configure-r.bash"))
    return steps


def _julia_steps(lock: Lock, files: dict[str, str], addresses: Addresses, architecture: str) -> list[Step]:
    if not lock.julia:
        return []
    archive = lock.julia.archive(architecture)
    texts = {
        "Project.toml": lock.julia.project,
        "Manifest.toml": lock.julia.manifest,
        "KernelManifest.toml": lock.julia.kernel_manifest,
    }
    files |= {name: text for name, text in texts.items() if text}
    kernel = "generic" if "julia" in lock.languages else "ijulia"
    return [
        Step(
            "install-julia.bash",
            (f"{addresses.julia}/{archive.path}", archive.sha256),
            _same("julia.sh"),
            _JULIA,
        ),
        Step(
            "install-julia-packages.bash",
            (kernel, addresses.julia_packages),
            _same(*(name for name, text in texts.items() if text)),
        ),
    ]


def _python_steps(
    lock: Lock, files: dict[str, str], chain: tuple[str, ...], addresses: Addresses
) -> list[Step]:
    if not lock.python:
        return []
    options = [lock.python.python]
    for option, address in (
        ("--mirror", addresses.python_mirror),
        ("--downloads", addresses.python_downloads),
    ):
        if address and lock.python.python != OWN:
            options += [option, address]
    if lock.python.needs_torch_index:
        options += ["--torch-index", addresses.torch_index]
    makes = ("/opt/env",) if lock.python.python == OWN else ("/opt/env", "/opt/python")
    steps = []
    for number, text in enumerate(chain):
        name = f"python-{number}.lock"
        files[name] = text
        is_alone = number == 0 and bool(lock.debian) and not (lock.python.sources or lock.python.direct)
        reads: tuple[tuple[str, str], ...] = (("python.lock", name), *_same("compile_bytecode.py"))
        if lock.python.direct and number == len(chain) - 1:
            files["python-direct.lock"] = lock.python.direct
            reads += _same("python-direct.lock")
        steps.append(Step("install-python.bash", tuple(options), reads, _UV, makes if is_alone else ()))
    return steps


def _conda_steps(
    lock: Lock,
    files: dict[str, str],
    chain: tuple[str, ...],  # noqa: ARG001 - conda's packages are one layer
    addresses: Addresses,
) -> list[Step]:
    files["conda.lock"] = lock.conda.text if lock.conda else ""
    files["pip.lock"] = lock.pip
    reads = _same("install_conda.py", "conda-installer.lock", "conda.lock", "pip.lock")
    return [Step("install-conda.bash", (addresses.conda_channels,), reads, _CONDA)]


def _describing_step(
    declaration: Declaration,
    lock: Lock,
    languages: Sequence[Language],
    files: dict[str, str],
    chain: tuple[str, ...],
) -> Step:
    """Give the step that ends an environment: a step for each of its scripts would cost 0.3 s each."""
    kernels = [
        name
        for name, is_there in (("python", lock.python), ("r", lock.has_debian("r-cran-irkernel")))
        if is_there
    ]
    locks = _locks(files, chain)
    texts = {name: declaration.texts[name] for name in (*_DEFAULTS, *_HOOKS) if name in declaration.texts}
    files |= texts
    if languages:
        files["languages.json"] = bundle(languages)
    scripts = (
        ("install-kernels.bash", kernels),
        ("install-languages.bash", languages),
        ("install-defaults.bash", texts.keys() & {*_DEFAULTS}),
        ("write-manifest.bash", True),
    )
    reads = [name for name, is_needed in scripts if is_needed]
    reads += ["languages.json"] if languages else []
    return Step("describe-environment.bash", tuple(kernels), (*_same(*reads, *sorted(texts)), *locks))


def _locks(files: dict[str, str], chain: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Give the locks that a manifest records: how many layers brought Python's there is no part of it."""
    links = {f"python-{number}.lock" for number in range(len(chain))}
    last = ((("python.lock", f"python-{len(chain) - 1}.lock"),)) if chain else ()
    return (*_same(*sorted(name for name in files if name.endswith(".lock") and name not in links)), *last)


def _final_steps(declaration: Declaration, lock: Lock) -> tuple[Step, ...]:
    steps = []
    if declaration.templates:
        folder = declaration.templates[0].partition("templates/")[0] + "templates"
        steps.append(Step("install-templates.bash", (f"{names.REPO}/{folder}",)))
    if lock.local:
        folders = tuple(f"{names.REPO}/{folder}" for folder in lock.local)
        steps.append(Step("install-local.bash", folders, mounts=_UV))
    if declaration.r_package:
        steps.append(Step("install-r-package.bash", (names.REPO,)))
    if "postBuild" in declaration.texts:
        steps.append(Step("run-postbuild.bash", reads=_same("postBuild")))
    if words := _from_repo(declaration, lock):
        steps.append(Step("record-repo.bash", words, _same("record_repo.py"), _REPO))
    return (*steps, Step("finish.bash"))


def _from_repo(declaration: Declaration, lock: Lock) -> tuple[str, ...]:
    """Give what came with the repo's own files, as the step that records it takes it."""
    r_package = ("r:" + names.REPO,) if declaration.r_package else ()
    post_build = ("postBuild",) if "postBuild" in declaration.texts else ()
    return (
        *(f"python:{posixpath.normpath(f'{names.REPO}/{folder}')}" for folder in lock.local),
        *r_package,
        *post_build,
    )


def _lines(words: tuple[str, ...]) -> str:
    return "".join(f"{word}\n" for word in words)


def _same(*files: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in files)


def dockerfile(plan: Plan, context_path: dict[str, str]) -> str:
    """Write a plan as a Dockerfile.

    Parameters
    ----------
    plan : Plan
        What to build.
    context_path : dict[str, str]
        Where each script and file of the plan lies in the build context.
    """

    def run(step: Step) -> str:
        binds = [
            f"--mount=type=bind,source={context_path[name]},target={_BUILD}/{beside}"
            for beside, name in ((step.script, step.script), *step.reads)
        ]
        words = shlex.join(("bash", f"{_BUILD}/{step.script}", *step.arguments))
        mount, bounded = _BOUNDED
        return " \\\n    ".join((f"RUN {binds[0]}", *binds[1:], *step.mounts, mount, f"{bounded} {words}"))

    def install(step: Step) -> list[str]:
        return [f"COPY --from={_ASIDE} {path} {path}" for path in step.makes] or [run(step)]

    aside = [run(step) for step in plan.steps if step.makes]
    return "\n".join(
        [
            *([f"FROM {plan.base} AS {_ASIDE}", "USER root", *aside] if aside else ()),
            f"FROM {plan.base}",
            "USER root",
            *(line for step in plan.steps for line in install(step)),
            f"ENV {_FOR_HOOKS}",
            f"COPY --chown=0:0 src/ {names.REPO}/",
            *(run(step) for step in plan.final_steps),
            f"ENTRYPOINT {json.dumps(plan.entrypoint)}",
            "USER jovyan",
            "",
        ]
    )
