"""A repo that is a whole recipe of its own: built by repo2docker's stock packs, then tried and recorded.

Nothing of it is planned or locked, so it is as identical as its author makes it. What is added on top is
what makes it a workspace: the server under the name that the hub starts, a home, the manifest.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lectern import names
from lectern.builder.declare.files import open_source
from lectern.builder.limits import program
from lectern.builder.lock import Lock
from lectern.builder.smoke_test import Trial, known_hellos
from lectern.builder.smoke_test import script as trial_script
from lectern.builder.step_files import read_step
from lectern.errors import DeclarationError, SmokeTestError

if TYPE_CHECKING:
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.limits import Limits

_SERVER = f"{names.SERVER_PREFIX}/bin/workspace-server"
_IN_ITS_PYTHON = "in-its-python.sh"
_RECORD = "record_own_recipe.py"
_SERVER_STEP = "workspace-server.sh"
_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """What an image of a recipe holds, as far as its package managers tell."""

    manifest: dict[str, Any]
    has_server: bool  # it is FROM the notebook image, so the hub can start it as it is


def lock_own_recipe(declaration: Declaration, *, asked: str, base: str, is_allowed: bool) -> Lock:
    """Give the lock of a repo that brings a recipe: an empty one, with what a person should know.

    Parameters
    ----------
    declaration : Declaration
        Whose `foreign` is not empty.
    asked : str
        Its fingerprint.
    base : str
        The notebook image that the release will be on record with.
    is_allowed : bool
        Whether the operator lets such repos be built (`LECTERN_STOCK_BUILDPACKS`).

    Raises
    ------
    DeclarationError
        The operator does not.
    """
    recipe = declaration.foreign[0]
    if is_allowed:
        told = f"{recipe}: built as it stands: no package is locked, and no list beside it is read"
        return Lock(asked=asked, base=base, debian=(), notices=(told,))
    beside = declaration.conda or declaration.requirements or declaration.r or declaration.julia
    raise DeclarationError(
        "is a whole recipe of its own, which is not built here",
        where=recipe,
        hint=(
            "move the lists of packages beside it into `binder/`: then those count alone"
            if beside and "/" not in recipe
            else "declare the packages in environment.yml, requirements.txt and apt.txt instead"
        )
        + "; or ask who runs the machine to set LECTERN_STOCK_BUILDPACKS",
    )


def recipe_hash(repo: Path, recipe: str) -> str:
    """Give the hash of all that decides, beside the repo's other files, what its image is.

    Raises
    ------
    DeclarationError
        The recipe is no text inside the repo.
    """
    steps = [read_step(name) for name in (_IN_ITS_PYTHON, _RECORD, _SERVER_STEP)]
    parts = [recipe, _text(repo, recipe), version("jupyter-repo2docker"), *steps]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def record_command(limits: Limits) -> list[str]:
    """Give the command that prints what `read_found` reads."""
    return _in_its_python(limits, read_step(_RECORD))


def trial_command(limits: Limits) -> list[str]:
    """Give the command that tries such an image: its server, and each kernel of which a hello is known."""
    trial = Trial({}, (), (), (), if_offered=known_hellos())
    return _in_its_python(limits, trial_script(), trial.to_json())


def _in_its_python(limits: Limits, script: str, *words: str) -> list[str]:
    finder = read_step(_IN_ITS_PYTHON)
    return ["/bin/sh", "-c", finder, "sh", program(limits, where="the trial"), script, *words]


def read_found(printed: str, repo: Path, recipe: str) -> Found:
    """Read what an image told of itself, and add what its repo tells.

    Raises
    ------
    SmokeTestError
        It told something else.
    """
    try:
        told = json.loads(printed.strip().splitlines()[-1])
        has_server = bool(told.pop("has_server"))
    except (ValueError, IndexError, KeyError, TypeError) as problem:
        raise SmokeTestError(
            f"the image did not tell what is in it: {printed[-200:]!r}", where=recipe, hint="build it again"
        ) from problem
    text = _text(repo, recipe)
    own = {
        "path": recipe,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "from": _FROM.findall(text) if recipe.endswith("Dockerfile") else [],
        "not recorded": "what neither dpkg nor pip, conda or R knows of",
    }
    return Found({**told, "recipe": own}, has_server)


def workspace_lines(*, user: str, has_server: bool) -> str:
    """Give what a Dockerfile adds to such an image, beside the files of `workspace_files`.

    Parameters
    ----------
    user : str
        Whom the image runs as.
    has_server : bool
        Whether it can be started as it is.
    """
    folder = f"{names.HOME} {names.SHARED_FOLDER}"
    server = () if has_server else (f"COPY {_SERVER_STEP} {_SERVER}",)
    lines = [
        "USER root",
        # An empty volume takes its owner from here.
        f"RUN mkdir -p {folder} && chown 1000:1000 {folder}",
        *server,
        f"COPY manifest.json {names.ENV_MANIFEST}",
        f"COPY manifest.json {names.MANIFEST}",
        f"ENV HOME={names.HOME}",
        f"WORKDIR {names.HOME}",
        f"USER {user}",
    ]
    return "".join(f"{line}\n" for line in lines)


def workspace_files(manifest: str) -> dict[str, str]:
    """Give the files that `workspace_lines` copies."""
    return {_SERVER_STEP: read_step(_SERVER_STEP), "manifest.json": manifest}


def _text(repo: Path, recipe: str) -> str:
    return open_source(repo).read_text(recipe).content
