"""What an instructor does with git, by a stock client."""

import os
import secrets
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.support.repos import write_repo


class Instructor:
    """Somebody with git, a name and a password."""

    def __init__(self, url: str, name: str, password: str, folder: Path) -> None:
        parts = urlsplit(url)
        login = f"{quote(name, safe='')}:{quote(password, safe='')}"
        self._address = f"{parts.scheme}://{login}@{parts.netloc}/services/environments"
        self._folder = folder
        # The machine's git configuration is nobody's business here.
        self.environment = os.environ | {
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }

    def address(self, environment: str) -> str:
        return f"{self._address}/{environment}.git"

    def ls_remote(self, environment: str) -> str:
        """Give all that git says when asked which refs there are."""
        done = self.run(self._folder, "ls-remote", self.address(environment))
        return done.stdout + done.stderr

    def clone(self, environment: str) -> "Clone":
        folder = self._folder / secrets.token_hex(4)
        done = self.run(self._folder, "clone", "--quiet", self.address(environment), str(folder))
        assert done.returncode == 0, done.stderr
        return Clone(self, folder)

    def run(self, folder: Path, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["git", *words],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


class Clone:
    """A clone of an environment."""

    def __init__(self, owner: Instructor, folder: Path) -> None:
        self._owner, self._folder = owner, folder

    def path(self, name: str) -> Path:
        return self._folder / name

    def write(self, files: dict[str, str | bytes | None]) -> None:
        """Write files; None removes one."""
        for name in files:
            self.path(name).unlink(missing_ok=True)
        write_repo(self._folder, {name: content for name, content in files.items() if content is not None})

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a") as file:
            file.write(text)

    def git(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        done = self._owner.run(self._folder, *words)
        assert not (check and done.returncode), done.stderr
        return done

    def commit(self, branch: str) -> None:
        if branch != "main":
            self.git("checkout", "-q", "-b", branch)
        self.git("add", "--all")
        self.git("commit", "-qm", f"For {branch}")

    def commit_and_push(self, branch: str) -> subprocess.CompletedProcess:
        self.commit(branch)
        return self.git("push", "origin", branch, check=False)

    def start_push(self, branch: str) -> subprocess.Popen:
        """Begin a push; its stderr is read line by line."""
        return subprocess.Popen(
            ["git", "push", "origin", branch],
            cwd=self._folder,
            env=self._owner.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def remote_refs(self) -> dict[str, str]:
        lines = self.git("ls-remote", "origin").stdout.splitlines()
        return {ref: commit for commit, ref in (line.split("\t") for line in lines)}
