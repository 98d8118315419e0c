"""Images that tests build by the builder's own steps, and what a participant sees in them."""

import contextlib
import functools
import hashlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lectern import names
from lectern.builder.limits import Limits, program
from lectern.builder.plan import Plan, Step, dockerfile
from lectern.builder.step_files import STEPS
from tests.support.stack import ROOT, docker

STATE = Path(os.environ.get("LECTERN_STATE", ROOT / ".lectern"))
#: How this machine's clients reach their package indexes.
CLIENTS = Path(os.environ.get("LECTERN_MACHINE", STATE)) / "clients"
AMPLE = Limits(memory_bytes=8 << 30, disk_bytes=20 << 30, log_bytes=50 << 20)
PROJECT = f"lectern-test-steps-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]}"
LABEL = f"{names.PROJECT}={PROJECT}"

APT = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked",
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked",
)
#: Where uv finds its index.
UV_INDEX = "--mount=type=secret,id=uv,target=/etc/uv/uv.toml"
UV = (
    "--mount=type=cache,id=lectern-uv,target=/root/.cache/uv",
    "--mount=type=secret,id=netrc,target=/root/.netrc",
    UV_INDEX,
)

_WRITE = """
here=$(dirname "$0") number=0
for path; do install -D -m 644 "$here/$((number++))" "$path"; done
"""


class NotBuiltError(Exception):
    """An image could not be built; the message is what the build wrote."""


@functools.cache
def image_tags() -> dict[str, str]:
    """Build the images below an environment where their inputs changed; give the names by kind."""
    subprocess.run([ROOT / "scripts/build-images", "notebook"], check=True, capture_output=True, timeout=900)
    lines = (STATE / "images.env").read_text(encoding="utf-8").splitlines()
    # Newer lines come first.
    tags = dict(line.split("=", 1) for line in reversed(lines))
    return {
        key.removesuffix("_TAG").lower(): f"lectern/{key.removesuffix('_TAG').lower()}:{tag}"
        for key, tag in tags.items()
    }


def notebook_image() -> str:
    """Give the notebook image of this checkout."""
    return image_tags()["notebook"]


def same(*files: str) -> tuple[tuple[str, str], ...]:
    """Say that a step reads files under their own names."""
    return tuple((name, name) for name in files)


def debian(*lock: str) -> tuple[Step, dict[str, str]]:
    """Give the step that installs Debian packages, and what it reads."""
    lines = "".join(f"{line}\n" for line in lock)
    return Step("install-debian.bash", reads=same("debian.lock"), mounts=APT), {"debian.lock": lines}


def written(files: dict[str, str]) -> tuple[Step, dict[str, str]]:
    """Give the step that writes files, by their paths in the image, and what it reads."""
    reads = tuple((str(number), f"written-{number}") for number in range(len(files)))
    texts = {name: text for (_, name), text in zip(reads, files.values(), strict=True)}
    return Step("write.bash", tuple(files), reads), {"write.bash": _WRITE} | texts


class StepImages:
    """Builds images and knows them, so that they can be removed."""

    def __init__(self) -> None:
        self._built: list[str] = []

    def build(
        self,
        *steps: Step,
        files: dict[str, str] | None = None,
        repo: dict[str, str] | None = None,
        final_steps: tuple[Step, ...] = (),
        entrypoint: tuple[str, ...] = ("tini", "-g", "--"),
        parent: str = "",
        is_anew: bool = False,
        limits: Limits = AMPLE,
        netrc: Path | None = None,
    ) -> str:
        """Build an image as the product does, on this machine's network, where the tests' servers are.

        Parameters
        ----------
        files : dict[str, str], optional
            What steps read, beside the files of steps/.
        repo : dict[str, str], optional
            The environment repo's files; they come in before the final steps.
        parent : str
            The notebook image when it is not said.
        is_anew : bool
            Whether no step may come out of the cache.
        limits : Limits
            What each step may take.
        netrc : Path, optional
            Tokens for private hosts.

        Raises
        ------
        NotBuiltError
            With what the build wrote.
        """
        plan = Plan(parent or notebook_image(), steps, files or {}, final_steps, entrypoint)
        image = f"{PROJECT}:{secrets.token_hex(6)}"
        # Inside the checkout: the client may be in a container, the file must be one that it sees.
        with _context(plan, repo or {}) as folder:
            bounded = folder / "bounded.py"
            bounded.write_text(program(limits), encoding="utf-8")
            settings = CLIENTS / "uv.toml"
            done = subprocess.run(
                [
                    *("docker", "build", "--progress", "plain", "--network", "host"),
                    *("--tag", image, "--label", LABEL),
                    *("--secret", f"id=bounded,src={bounded}"),
                    *(("--secret", f"id=netrc,src={netrc}") if netrc else ()),
                    *(("--secret", f"id=uv,src={settings}") if settings.exists() else ()),
                    *(("--no-cache",) if is_anew else ()),
                    str(folder),
                ],
                env=os.environ | {"DOCKER_BUILDKIT": "1"},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=900,
            )
        if done.returncode:
            raise NotBuiltError(done.stdout + done.stderr)
        self._built.append(image)
        return image

    def remove(self) -> None:
        """Remove what was built; the build's cache keeps the layers."""
        if self._built:
            docker("rmi", "--force", *self._built)


@contextlib.contextmanager
def step_images() -> Iterator[StepImages]:
    """Give what builds images; they are gone when the block ends. KEEP=1 leaves them."""
    images = StepImages()
    try:
        yield images
    finally:
        if not os.environ.get("KEEP"):
            images.remove()


@contextlib.contextmanager
def _context(plan: Plan, repo: dict[str, str]) -> Iterator[Path]:
    folder = STATE / "step-images" / secrets.token_hex(6)
    needed = {
        name
        for step in (*plan.steps, *plan.final_steps)
        for name in (step.script, *(file for _, file in step.reads))
    }
    texts = {
        name: plan.files[name] if name in plan.files else (STEPS / name).read_text(encoding="utf-8")
        for name in needed
    }
    texts |= {f"src/{name}": text for name, text in repo.items()}
    texts["Dockerfile"] = dockerfile(plan, {name: name for name in needed})
    (folder / "src").mkdir(parents=True)
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        yield folder
    finally:
        subprocess.run(["rm", "-r", str(folder)], check=True)


def run(
    image: str,
    *command: str,
    options: tuple[str, ...] = (),
    network: str = "none",
    stdin: bytes = b"",
    timeout_s: float = 300,
) -> bytes:
    """Run a command in a new container, fenced as a participant's, without network unless one is said.

    Raises
    ------
    AssertionError
        With what the command wrote.
    """
    done = subprocess.run(
        [
            *("docker", "run", "--rm", "--interactive", "--network", network, "--label", LABEL),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *(*options, image, *command),
        ],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=timeout_s,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout


def say(image: str, *command: str, options: tuple[str, ...] = (), network: str = "none") -> str:
    """Run a command as `run` does, and give its text."""
    return run(image, *command, options=options, network=network).decode().strip()
