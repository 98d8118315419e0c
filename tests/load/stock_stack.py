"""Stock parts as a stack: JupyterHub 5.5, NativeAuthenticator 1.3, DockerSpawner 14, all defaults."""

import os
import secrets
import subprocess
from pathlib import Path

import httpx

from tests.support.participant import Participant
from tests.support.stack import docker, free_port, wait_until

_STOCK = Path(__file__).parent / "stock"


class StockParticipant(Participant):
    """Signs up as NativeAuthenticator's page has it; all else is JupyterHub's."""

    def join(self, code: str = "") -> None:
        assert not code, "stock parts know no course code"
        self.http.get("/hub/signup")
        form = {
            "username": self.name,
            "signup_password": self.password,
            "signup_password_confirmation": self.password,
            "_xsrf": self.xsrf("/hub/signup"),
        }
        answer = self.http.post("/hub/signup", data=form)
        assert answer.status_code == 200, f"sign-up: {answer.status_code} {answer.text[:2000]}"


class StockStack:
    """One stock hub with its proxy, and what it starts, under one label and on a network of its own."""

    def __init__(self, images: Path) -> None:
        self._images = images  # the tags of Lectern's own, on which these are built
        self.project = f"lectern-stock-{secrets.token_hex(3)}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def participant(self, name: str) -> Participant:
        return StockParticipant(self.url, name, f"password of {name}")

    def up(self) -> None:
        label = f"lectern.project={self.project}"
        for target in ("hub", "server"):
            self._build(target)
        docker("network", "create", "--label", label, self.project)
        docker(
            "run", "--detach", "--name", self.project, "--label", label, "--network", self.project,
            "--publish", f"127.0.0.1:{self.port}:8000",
            "--volume", "/var/run/docker.sock:/var/run/docker.sock",
            "--env", f"STOCK_HUB={self.project}", "--env", f"STOCK_NETWORK={self.project}",
            "--env", f"STOCK_PREFIX={self.project}", "--env", "STOCK_IMAGE=lectern/stock-server",
            "lectern/stock-hub",
        )  # fmt: skip
        wait_until(self._is_healthy, "the stock hub's health", timeout_s=60)

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/hub/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _build(self, target: str) -> None:
        state = Path(os.environ["LECTERN_MACHINE"])
        tags = dict(line.split("=") for line in self._images.read_text().split() if "=" in line)
        arguments = [
            word
            for image in ("base", "tools", "proxy")
            for word in ("--build-arg", f"{image.upper()}=lectern/{image}:{tags[f'{image.upper()}_TAG']}")
        ]
        done = subprocess.run(
            [
                "docker", "build", "--quiet", "--label", "lectern.image=stock", "--target", target,
                "--tag", f"lectern/stock-{target}", "--secret", f"id=uv,src={state}/clients/uv.toml",
                *arguments,
                str(_STOCK),
            ],
            env=os.environ | {"DOCKER_BUILDKIT": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]

    def down(self) -> None:
        label = ("--filter", f"label=lectern.project={self.project}", "--quiet")
        if found := docker("ps", "--all", *label).split():
            docker("rm", "--force", "--volumes", *found)
        homes = docker("volume", "ls", "--quiet", "--filter", f"name={self.project}").split()
        if homes:
            docker("volume", "rm", *homes)
        docker("network", "rm", self.project, check=False)
