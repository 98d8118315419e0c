"""The notebook image on its own: a command in it, or its server, without a hub."""

import base64
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.support.stack import docker, wait_until

ROOT = Path(__file__).resolve().parents[2]
LABEL = "lectern.project=test-notebook-image"


def build() -> str:
    """Build the image if its inputs changed, and give its name."""
    subprocess.run([ROOT / "scripts/build-images", "notebook"], check=True, capture_output=True)
    lines = (ROOT / ".lectern/images.env").read_text(encoding="utf-8").splitlines()
    tags = dict(line.split("=", 1) for line in lines)
    return f"lectern/notebook:{tags['NOTEBOOK_TAG']}"


def write(path: str, content: bytes) -> str:
    """Give the step that writes a file."""
    return (
        f"RUN install -d $(dirname {path}) && echo {base64.b64encode(content).decode()} | base64 -d >{path}"
    )


@contextlib.contextmanager
def layered(base: str, *steps: str) -> Iterator[str]:
    """Give an image with steps of a Dockerfile on top of another; its files are written by the steps."""
    text = "\n".join((f"FROM {base}", "USER root", *steps, "USER jovyan"))
    done = subprocess.run(
        ["docker", "build", "--quiet", "--label", LABEL, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    image = done.stdout.strip()
    try:
        yield image
    finally:
        docker("rmi", "--force", image)


def run(image: str, script: str, stdin: bytes = b"") -> bytes:
    """Run a script as a participant, without any network, and give what it prints."""
    done = subprocess.run(
        [
            *("docker", "run", "--rm", "--interactive", "--network", "none"),
            *("--label", LABEL),
            image,
            "bash",
            "-ec",
            script,
        ],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Server:
    """A server that was started by hand, as on a laptop."""

    def __init__(self, container: str) -> None:
        self.container = container
        address = docker("port", container, "8888/tcp").splitlines()[0]
        self.http = httpx.Client(
            base_url=f"http://{address}", headers={"Authorization": "token test"}, timeout=60, verify=False
        )

    @property
    def is_there(self) -> bool:
        assert docker("inspect", "--format", "{{.State.Running}}", self.container) == "true", self.log()
        try:
            return self.http.get("/api/status").status_code == 200
        except httpx.TransportError:
            return False

    def log(self) -> str:
        done = subprocess.run(["docker", "logs", self.container], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def execute(self, *words: str) -> str:
        return docker("exec", self.container, *words)


@contextlib.contextmanager
def serving(image: str) -> Iterator[Server]:
    """Give the server of an image as long as the block lasts."""
    container = docker(
        *("run", "--detach", "--publish", "127.0.0.1::8888", "--label", LABEL),
        *("--env", "MEM_LIMIT=536870912", image),
        *("/opt/jupyter/bin/workspace-server", "--ip=0.0.0.0", "--port=8888", "--no-browser"),
        "--IdentityProvider.token=test",
    )
    server = Server(container)
    try:
        wait_until(lambda: server.is_there, "the server answers")
        yield server
    finally:
        server.http.close()
        docker("rm", "--force", container)
