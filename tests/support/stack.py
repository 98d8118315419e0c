"""The real stack, started as a teacher does, under a name, port and state folder of its own."""

import contextlib
import hashlib
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from lectern import names
from tests.support.participant import Participant

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"


def docker(*words: str, check: bool = True, timeout_s: float = 120) -> str:
    """Run a docker command and give its output."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=timeout_s)
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def wait_until(claim, what: str, timeout_s: float = 60, look_every_s: float = 0.2):
    """Look until `claim()` is true, and give what it gave."""
    end = time.monotonic() + timeout_s
    while True:
        if value := claim():
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not after {timeout_s} s: {what}")
        time.sleep(look_every_s)


def free_port() -> int:
    # The kernel names a port that is free now; nothing else on this machine is told of it.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """One stack: `up` before use, `remove` after."""

    def __init__(self, purpose: str = "test", **settings: str) -> None:
        self.project = f"lectern-{purpose}-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]}"
        # Inside the checkout, so that the engine sees the secret files under the same path.
        self.state = ROOT / ".lectern" / purpose
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "LECTERN_PROJECT": self.project,
            "LECTERN_PORT": str(self.port),
            "LECTERN_BIND": "127.0.0.1",
            "LECTERN_ADDRESS": self.url,
            "LECTERN_ENVIRONMENT": "data-literacy",
            "LECTERN_MEMORY": "1 GB",
            "LECTERN_START_TIMEOUT_S": "15",  # one test waits for it, twice
            "LECTERN_FREE_DISK": "2 GB",
            "LECTERN_STATE": str(self.state),
            **settings,
        }

    def script(self, name: str, *words: str) -> str:
        """Run one of scripts/ for this stack and give its stdout."""
        self.state.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [str(ROOT / "scripts" / name), *words],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        if done.returncode:
            raise AssertionError(
                f"scripts/{name} {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}\n"
                + self.describe()
            )
        return done.stdout

    def up(self) -> str:
        return self.script("up")

    def down(self) -> str:
        return self.script("down")

    @property
    def admin_password(self) -> str:
        return (self.state / "secrets" / "admin_password").read_text(encoding="utf-8").strip()

    def course(self) -> dict[str, str]:
        """Give the first course: name, code, environment, join_url."""
        return json.loads(self.script("lectern", "course", "list", "--json"))[0]

    def environments(self) -> list[dict]:
        """Give the releases that are here."""
        return json.loads(self.script("lectern", "env", "list", "--json"))

    def in_builder(self, *words: str) -> str:
        """Run a command in the builder's container and give what it printed."""
        return docker("exec", self.container("builder"), *words)

    def new_participant(self, name: str = "ada") -> Participant:
        """Sign somebody up whom no earlier run knows."""
        someone = Participant(self.url, f"{name}-{secrets.token_hex(3)}", f"pass {secrets.token_hex(6)}")
        someone.join(self.course()["code"])
        return someone

    @contextlib.contextmanager
    def at_work(self, name: str = "ada") -> Iterator[Participant]:
        """Give somebody new whose server runs as long as the block lasts."""
        someone = self.new_participant(name)
        someone.start()
        yield someone
        someone.stop()
        someone.close()

    def container(self, service: str) -> str:
        """Give the id of a service's container."""
        return docker(
            "ps", "--all", "--quiet",
            "--filter", f"label={COMPOSE_PROJECT}={self.project}",
            "--filter", f"label={COMPOSE_SERVICE}={service}",
        )  # fmt: skip

    def restart(self, service: str) -> None:
        """Restart a service and wait until it is healthy."""
        container = self.container(service)
        docker("restart", container)
        wait_until(
            lambda: docker("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy",
            f"{service} healthy after its restart",
            timeout_s=90,
        )

    def workspace(self, participant: str) -> dict:
        """Give what the engine knows of a participant's container."""
        return json.loads(docker("inspect", names.workspace_container(self.project, participant)))[0]

    def _ids(self, *words: str) -> list[str]:
        found = set()
        for label in (f"{names.PROJECT}={self.project}", f"{COMPOSE_PROJECT}={self.project}"):
            found |= set(docker(*words, "--quiet", "--filter", f"label={label}", check=False).split())
        return sorted(found)

    def logs(self, service: str) -> str:
        return self._logs(self.container(service))

    def _logs(self, container: str) -> str:
        done = subprocess.run(
            ["docker", "logs", "--tail", "60", container],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return done.stdout

    def describe(self) -> str:
        """Give state and logs of each container, for a test that failed."""
        parts = []
        for container in self._ids("ps", "--all"):
            state = docker("inspect", "--format", "{{.Name}} {{json .State}}", container, check=False)
            parts += [state, self._logs(container)]
        return "\n".join(parts) or "(no containers)"

    def remove(self) -> None:
        """Remove what carries this project's label, and nothing else."""
        try:
            self.down()
        finally:
            for kind, listed, removed in (
                ("container", ("ps", "--all"), ("rm", "--force", "--volumes")),
                ("volume", ("volume", "ls"), ("volume", "rm")),
                ("network", ("network", "ls"), ("network", "rm")),
            ):
                if found := self._ids(*listed):
                    docker(*removed, *found, check=kind != "network")

    def remove_unless_kept(self) -> None:
        if os.environ.get("KEEP"):
            print(f"\nkept: {self.url} ({self.project})")
        else:
            self.remove()
