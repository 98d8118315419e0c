"""A git repo on another server, as far as the builder can tell."""

import shutil
import socket
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

_AUTHOR = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")


def _own_address() -> str:
    """Give this machine's address on its network; those of the engine's networks are no mirror's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.254", 9))  # nothing is sent
        return str(asking.getsockname()[0])


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


class Mirror:
    """Serves a bare repo as plain files, which is all that reading takes (`git update-server-info`)."""

    def __init__(self, folder: Path, content: Path) -> None:
        self._work, self._root = folder / "work", folder / "root"
        self._bare = self._root / "it.git"
        self._root.mkdir()
        shutil.copytree(content, self._work)
        self._git("init", "-q", "--initial-branch=main")
        self._git("init", "-q", "--bare", "--initial-branch=main", str(self._bare))
        self._publish("commit", "-q", "-m", "First")

    def __enter__(self) -> Self:
        serve = partial(_Silent, directory=str(self._root))
        self._server = ThreadingHTTPServer((_own_address(), 0), serve)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def address(self) -> str:
        """Give the repo's address, which the engine's containers reach."""
        return f"http://{self._server.server_address[0]}:{self.port}/it.git"

    @property
    def commit(self) -> str:
        """Give the newest commit."""
        return self._git("rev-parse", "HEAD")

    def write(self, path: str, text: str) -> None:
        """Commit a file."""
        (self._work / path).write_text(text, encoding="utf-8")
        self._publish("commit", "-q", "-m", f"Change {path}")

    def rewrite(self, path: str, text: str) -> None:
        """Put a file into the newest commit, as if it had never been another."""
        (self._work / path).write_text(text, encoding="utf-8")
        self._publish("commit", "-q", "--amend", "-m", "Rewritten")

    def remove(self) -> None:
        """Let the repo be gone; the server stays."""
        shutil.rmtree(self._bare)

    def _publish(self, *commit: str) -> None:
        self._git("add", "--all")
        self._git(*commit)
        self._git("push", "-q", "--force", str(self._bare), "HEAD:main")
        self._git("--git-dir", str(self._bare), "update-server-info")

    def _git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", *_AUTHOR, "-C", str(self._work), *words],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
