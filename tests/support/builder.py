"""The `lectern` command's builder part on a stack, with environment repos that the tests write."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lectern import names
from tests.support.repos import write_repo
from tests.support.stack import ROOT, Stack, docker, wait_until

BUILD_S = 600


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    status: int
    out: str
    talk: str


def image_tags(state: Path) -> dict[str, str]:
    """Read the tags of Lectern's own images that a stack runs on."""
    lines = (state / "images.env").read_text(encoding="utf-8").split()
    return dict(line.split("=", 1) for line in lines if "=" in line)


class Builder:
    """A stack's builder: commands, repos, and what there is of them."""

    def __init__(self, stack: Stack, **settings: str) -> None:
        self.stack = stack
        self.environment = stack.environment | settings
        self._repos = stack.state / "repos"

    def repo(self, name: str, files: dict[str, str]) -> Path:
        """Write an environment repo where the engine sees it; what it held before is gone."""
        folder = self._repos / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_repo(folder, files)
        for script in ("start", "postBuild"):
            if (folder / script).exists():
                (folder / script).chmod(0o755)
        return folder

    def run(self, *words: str | Path, handed: str = "") -> Said:
        """Run `scripts/lectern` to its end, whatever that is; `handed` is what it reads."""
        done = subprocess.run(
            [ROOT / "scripts/lectern", *words],
            env=self.environment, cwd=ROOT, input=handed,
            capture_output=True, text=True, check=False, timeout=BUILD_S,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def build(self, repo: Path, *options: str) -> Said:
        """Build a repo, which has to work."""
        said = self.run("build", repo, *options)
        assert said.status == 0, said.talk
        return said

    @contextmanager
    def building(self, repo: Path, *options: str, until: str) -> Iterator[subprocess.Popen]:
        """Give a build that has just told a phase."""
        with tempfile.TemporaryFile() as talk:
            process = subprocess.Popen(
                [ROOT / "scripts/lectern", "build", repo, *options],
                env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=talk, start_new_session=True,
            )  # fmt: skip

            def told() -> str:
                return os.pread(talk.fileno(), 1 << 20, 0).decode()

            try:
                wait_until(lambda: until in told() or process.poll() is not None, until, BUILD_S)
                assert process.poll() is None, told()
                yield process
                process.wait(timeout=60)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def containers(self) -> list[str]:
        """Give the containers of `lectern build` that are there."""
        return docker("ps", "--all", "--quiet", "--filter", f"name=^{self.stack.project}-build-").split()

    def releases(self, environment: str) -> list[dict]:
        """Give the releases of an environment as `env list` has them, oldest first."""
        said = self.run("env", "list", "--json")
        assert said.status == 0, said.talk
        return [one for one in json.loads(said.out) if one["name"] == environment]

    def image(self, environment: str, tag: str) -> str:
        """Name a release's image."""
        return f"{names.environment_image(self.stack.project, environment)}:{tag}"

    def tags(self, environment: str) -> set[str]:
        """Give all tags that an environment's images have."""
        repository = names.environment_image(self.stack.project, environment)
        return set(docker("images", "--format", "{{.Tag}}", repository).split())

    def trials(self) -> list[str]:
        """Give the throw-away containers that are there.

        One that was made to read an image's files runs nothing and may be somebody's: it goes with the
        first build after a minute.
        """
        project = f"label={names.PROJECT}={self.stack.project}"
        return docker(
            "ps", "--all", "--quiet", "--filter", project, "--filter", f"label={names.TRIAL}=run"
        ).split()

    def inside(self, image: str, *command: str) -> str:
        """Run a command in an image, as a participant without a network."""
        project = f"{names.PROJECT}={self.stack.project}"
        return docker("run", "--rm", "--network=none", "--label", project, image, *command, timeout_s=300)

    def kept(self, environment: str, file: str) -> str:
        """Read a file that the builder keeps of an environment."""
        return self._on_volume("cat", f"/srv/builds/{environment}/{file}")

    def keep(self, environment: str, file: str, text: str) -> None:
        """Put a file where the builder keeps an environment's."""
        self._on_volume("sh", "-c", f"cat >/srv/builds/{environment}/{file}", handed=text)

    def search(self, text: str) -> list[str]:
        """Give all files that the builder keeps which hold a text."""
        return self._on_volume("sh", "-c", f"grep -rlF {text} /srv/builds || true").split()

    def _on_volume(self, *command: str, handed: str = "") -> str:
        base = f"lectern/base:{image_tags(self.stack.state)['BASE_TAG']}"
        done = subprocess.run(
            ["docker", "run", "--rm", "--interactive", "--network=none", "--user=0",
             "--label", f"{names.PROJECT}={self.stack.project}",
             "--volume", f"{self.stack.project}_builds:/srv/builds", base, *command],
            input=handed, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def forget(self, *environments: str) -> None:
        """Remove all images of environments, and their repos."""
        for environment in environments:
            if tags := self.tags(environment):
                docker("rmi", "--force", *(self.image(environment, tag) for tag in sorted(tags)))
            shutil.rmtree(self._repos / environment, ignore_errors=True)
