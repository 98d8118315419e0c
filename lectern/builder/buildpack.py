"""Which of repo2docker's BuildPacks makes an image: one of ours, by a Plan; its own for a whole recipe."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import ClassVar

from repo2docker.buildpacks import DockerBuildPack, NixBuildPack
from repo2docker.buildpacks.base import BaseImage, BuildPack

from lectern.builder.plan import Plan, dockerfile
from lectern.builder.step_files import STEPS

_STOCK: dict[str, type[BuildPack]] = {"Dockerfile": DockerBuildPack, "default.nix": NixBuildPack}


class PlannedBuildPack(BaseImage):
    """repo2docker's base pack with a Dockerfile of our own: from the notebook image, by a Plan."""

    plan: ClassVar[Plan]
    _folder: ClassVar[Path]

    def detect(self) -> bool:
        """Serve every repo: a repo without a plan never comes here."""
        return True

    def get_build_script_files(self) -> dict[str, str]:
        """Give what the steps read, for the build context."""
        return {path: name for name, path in self._sources().items()}

    def _sources(self) -> dict[str, str]:
        return {
            name: str((self._folder if name in self.plan.files else STEPS) / name)
            for name in self.plan.needed()
        }

    def render(self, build_args: dict[str, str] | None = None) -> str:  # noqa: ARG002
        """Write the Dockerfile."""
        where = {
            name: self.generate_build_context_filename(path)[0] for name, path in self._sources().items()
        }
        return dockerfile(self.plan, where)


def pack_for(plan: Plan) -> type[PlannedBuildPack]:
    """Give the build pack class of one plan (repo2docker makes the instance itself).

    The plan's files are written to the same path each time: the path is part of the Dockerfile, and so
    of the cache's key. One build at a time runs in a builder.
    """
    folder = Path(tempfile.gettempdir()) / "lectern-plan"
    folder.mkdir(exist_ok=True)
    for name, text in plan.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return type("PackForPlan", (PlannedBuildPack,), {"plan": plan, "_folder": folder})


def stock_pack_for(recipe: str) -> type[BuildPack]:
    """Give repo2docker's own build pack for the path of a whole recipe, in `binder/` or not."""
    return _STOCK[PurePosixPath(recipe).name]
