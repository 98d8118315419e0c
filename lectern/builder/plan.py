"""Declaration + lock → Plan: which steps make the image. Pure and deterministic; snapshot-tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern import names

if TYPE_CHECKING:
    from lectern.builder.declaration import Declaration
    from lectern.builder.resolve.fast import Wanted

#: Where a step finds itself and what it reads, while it runs.
_BUILD = "/srv/build"

_APT_CACHES = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked",
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked",
)
_UV_CACHES = (
    "--mount=type=cache,id=lectern-uv,target=/root/.cache/uv",
    "--mount=type=secret,id=uv,target=/etc/uv/uv.toml",
)


@dataclass(frozen=True)
class Step:
    """One RUN: a script of steps/ with arguments; the files it reads; the caches it uses."""

    script: str
    arguments: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the image is made from: steps before the repo's files come in, files, steps after."""

    base: str
    steps: tuple[Step, ...]
    files: dict[str, str]  # name in the build context -> text
    final_steps: tuple[Step, ...]


def make_plan(declaration: Declaration, wanted: Wanted, lock: str, *, base: str) -> Plan:
    """Say how an environment's image is built; rarely changing steps come first.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    wanted : Wanted
        The same, by source.
    lock : str
        Python requirements with hashes.
    base : str
        The notebook image, name:tag.
    """
    steps = []
    if wanted.debian:
        steps.append(Step("install-debian.bash", wanted.debian, mounts=_APT_CACHES))
    steps.append(Step("install-python.bash", reads=("python.lock",), mounts=_UV_CACHES))
    steps.append(Step("install-kernels.bash", ("python", "r") if wanted.has_r else ("python",)))
    files = {"python.lock": lock}
    if "jupytext.toml" in declaration.texts:
        files["jupytext.toml"] = declaration.texts["jupytext.toml"]
        steps.append(Step("install-jupytext-defaults.bash", reads=("jupytext.toml",)))
    return Plan(base, tuple(steps), files, (Step("write-manifest.bash", reads=("python.lock",)),))


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
            f"--mount=type=bind,source={context_path[name]},target={_BUILD}/{name}"
            for name in (step.script, *step.reads)
        ]
        words = " ".join(("bash", f"{_BUILD}/{step.script}", *step.arguments))
        return " \\\n    ".join((f"RUN {binds[0]}", *binds[1:], *step.mounts, words))

    return "\n".join(
        [
            f"FROM {plan.base}",
            "USER root",
            *(run(step) for step in plan.steps),
            f"COPY --chown=0:0 src/ {names.REPO}/",
            *(run(step) for step in plan.final_steps),
            "USER jovyan",
            "",
        ]
    )
