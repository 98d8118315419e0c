"""The server of the notebook image on its own, without a hub."""

import contextlib
import subprocess
from collections.abc import Iterator

import httpx

from tests.support.stack import docker, wait_until
from tests.support.step_image import LABEL


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
