"""Git as a child process: never a shell, never the repo's or this machine's own configuration."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TIMEOUT_S = 300


@dataclass(frozen=True)
class Git:
    """How git is called.

    Parameters
    ----------
    config : Path
        The only configuration that it reads beside the bare repo's own.
    """

    config: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables that git, and whatever it starts, sees."""
        return {
            "PATH": _PATH,
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self.config),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PROTOCOL_FROM_USER": "0",
            **self.more,
        }

    def seeing(self, **more: str) -> Git:
        """Give one with further variables."""
        return Git(self.config, {**self.more, **more})

    async def run(self, repo: Path, *words: str, stdin: bytes = b"", timeout_s: float = _TIMEOUT_S) -> bytes:
        """Run a command on a bare repo and give what it printed.

        Raises
        ------
        RepoError
            It failed; says what git said.
        """
        status, out, said = await self.try_run(repo, *words, stdin=stdin, timeout_s=timeout_s)
        if status:
            raise RepoError(
                to_translate("git {command} failed ({reason})"),
                where=repo.name,
                hint=to_translate("`make logs` shows more"),
                command=words[0],
                reason=said.strip() or status,
            )
        return out

    async def try_run(
        self,
        repo: Path,
        *words: str,
        stdin: bytes = b"",
        timeout_s: float = _TIMEOUT_S,
        largest_bytes: int | None = None,
    ) -> tuple[int, bytes, str]:
        """Run a command on a bare repo and give exit status, output and complaints.

        Parameters
        ----------
        repo : Path
            The repo.
        *words : str
            Git's words.
        stdin : bytes
            What it reads.
        timeout_s : float
            How long it may take.
        largest_bytes : int | None
            Most that a file which it, or what it starts, writes may hold.
        """
        process = await asyncio.create_subprocess_exec(
            *(() if largest_bytes is None else ("prlimit", f"--fsize={largest_bytes}")),
            "git",
            f"--git-dir={repo}",
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            start_new_session=True,
        )
        try:
            out, said = await asyncio.wait_for(process.communicate(stdin), timeout_s)
        except TimeoutError:
            return -1, b"", f"it took longer than {timeout_s:.0f} s"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out, said.decode(errors="replace")

    async def stream(self, repo: Path, *words: str) -> AsyncIterator[bytes]:
        """Run a command on a bare repo and give what it prints, part by part; left early, it is ended.

        Raises
        ------
        RepoError
            It failed.
        """
        process = await asyncio.create_subprocess_exec(
            "git",
            f"--git-dir={repo}",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self.environment,
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            while part := await process.stdout.read(1 << 16):
                yield part
            if await process.wait():
                raise RepoError(f"git {words[0]} failed", where=repo.name, hint="`make logs` shows more")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
