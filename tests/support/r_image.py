"""Images with R on top of the notebook image, as tests build and use them."""

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path

from lectern import names
from tests.support.stack import ROOT, docker

_STEPS = ROOT / "lectern" / "builder" / "steps"
_CACHES = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked "
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked"
)
PROJECT = f"lectern-test-r-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]}"


def notebook_image() -> str:
    """Give the notebook image of this checkout; builds it where it is not there."""
    subprocess.run([str(ROOT / "scripts/build-images"), "notebook"], check=True, timeout=900)
    state = Path(os.environ.get("LECTERN_STATE", ROOT / ".lectern"))
    tags = dict(line.split("=", 1) for line in (state / "images.env").read_text().split())
    return f"lectern/notebook:{tags['NOTEBOOK_TAG']}"


def run(script: str, *arguments: str, reads: str = "", mounts: str = "") -> str:
    """Write one of the builder's steps as a line of a Dockerfile."""
    binds = " ".join(
        f"--mount=type=bind,source={name},target=/srv/build/{name}" for name in (script, *reads.split())
    )
    return f"RUN {binds} {mounts} bash /srv/build/{script} {' '.join(arguments)}"


def debian(*packages: str) -> str:
    return run("install-debian.bash", *packages, mounts=_CACHES)


def build(tag: str, folder: Path, parent: str, *lines: str, files: dict[str, str] | None = None) -> str:
    """Build an image on this machine's network, where the tests' servers are; give its name.

    Raises
    ------
    AssertionError
        With what the build wrote.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in _STEPS.glob("*.bash"):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, text in (files or {}).items():
        (folder / name).write_text(text)
    (folder / "Dockerfile").write_text("\n".join([f"FROM {parent}", "USER root", *lines, "USER jovyan", ""]))
    image = f"{PROJECT}:{tag}"
    done = subprocess.run(
        [
            *("docker", "build", "--network", "host", "--progress", "plain", "--tag", image),
            *("--label", f"{names.PROJECT}={PROJECT}", str(folder)),
        ],
        env=os.environ | {"DOCKER_BUILDKIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return image


@contextlib.contextmanager
def removed_afterwards():
    """Remove the images of this module's project when the block ends; build caches stay."""
    try:
        yield
    finally:
        if images := set(docker("images", "--quiet", "--filter", f"label={names.PROJECT}={PROJECT}").split()):
            docker("rmi", "--force", *sorted(images))


def r_says(image: str, code: str, *options: str) -> str:
    """Run R code in a new container of an image, as its participant, without network."""
    return docker(
        "run", "--rm", "--network", "none", "--label", f"{names.PROJECT}={PROJECT}", *options, image,
        "Rscript", "-e", code,
    )  # fmt: skip


def built_by_r(image: str, packed: bytes) -> bytes:
    """Make a ready-made package of a source package, as mirrors of such do."""
    script = (
        "cd /tmp && cat >source.tar.gz && mkdir lib out && cd out"
        " && R CMD INSTALL --build --library=/tmp/lib ../source.tar.gz >&2 && cat ./*_R_*.tar.gz"
    )
    done = subprocess.run(
        [
            "docker",
            "run",
            "--rm",
            "--interactive",
            "--label",
            f"{names.PROJECT}={PROJECT}",
            image,
            "bash",
            "-c",
            script,
        ],
        input=packed,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
