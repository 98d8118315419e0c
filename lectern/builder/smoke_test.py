"""What has to work before a release is published: kernels, packages, the instructor's own check. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.limits import program
from lectern.builder.step_files import read_step
from lectern.errors import SmokeTestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lectern.builder.declaration import Declaration
    from lectern.builder.languages.catalogue import Language
    from lectern.builder.limits import Limits
    from lectern.builder.lock import Lock


@dataclass(frozen=True)
class Hello:
    """A program and what it prints."""

    code: str
    expected: str


@dataclass(frozen=True)
class Trial:
    """What to try, as steps/smoke.py takes it."""

    hellos: dict[str, Hello]  # by kernelspec
    python: tuple[str, ...]  # distributions whose modules must be importable, or folders of projects
    r: tuple[str, ...]  # packages, in any case
    checks: tuple[str, ...]  # paths in the repo
    if_offered: dict[str, Hello] = field(default_factory=dict)  # by kernelspec, where the server has it

    def of_content(self) -> Trial:
        """Give what is left to try where the same packages were tried before: the server and the check."""
        return replace(self, hellos={}, python=(), r=())

    def to_json(self) -> str:
        """Write it as the script's argument."""
        return json.dumps(asdict(self))


_PYTHON = ("python3", Hello("print(6 * 7)", "42"))
_R = ("ir", Hello("cat(6 * 7)", "42"))
_JULIA = ("julia", Hello("println(6 * 7)", "42"))


def known_hellos() -> dict[str, Hello]:
    """Give the hellos of the kernels that images of all origins have."""
    return dict((_PYTHON, _R, _JULIA))


def plan_trial(declaration: Declaration, lock: Lock, languages: Sequence[Language]) -> Trial:
    """Say what has to work in an environment's image."""
    of_conda = lock.conda.kernels if lock.conda else ()
    hellos = []
    if lock.python or "python" in of_conda:
        hellos.append(_PYTHON)
    if lock.has_debian("r-cran-irkernel") or "r" in of_conda:
        hellos.append(_R)
    if lock.julia:
        hellos.append(_JULIA)
    hellos += [(language.kernelspec, Hello(language.hello, language.prints)) for language in languages]
    return Trial(
        dict(hellos),
        (*lock.python_imports, *(f"{names.REPO}/{folder}" for folder in lock.local)),
        lock.r_imports,
        (declaration.check,) if declaration.check else (),
    )


def command(trial: Trial, limits: Limits) -> list[str]:
    """Give the command that tries an image which stands on the notebook image."""
    python = f"{names.SERVER_PREFIX}/bin/python"
    return [python, "-ISc", program(limits, where="the trial"), python, "-c", script(), trial.to_json()]


def script() -> str:
    """Give the program that runs in the container, in the server's own Python."""
    modules = read_step("top_level_modules.py")
    return read_step("smoke.py").replace('TOP_LEVEL_MODULES = ""', f"TOP_LEVEL_MODULES = {modules!r}", 1)


def read_kernels(printed: str, *, where: str) -> dict[str, str]:
    """Read what the script found: kernelspec → language.

    Raises
    ------
    SmokeTestError
        It printed something else.
    """
    try:
        kernels = json.loads(printed.strip().splitlines()[-1])
    except (ValueError, IndexError) as problem:
        raise SmokeTestError(
            f"the trial ended without a result: {printed[-200:]!r}", where=where, hint="build it again"
        ) from problem
    return {str(name): str(language) for name, language in kernels.items()}
