"""repo2docker's way to the engine, with a client that ends when its builder does, however that ends."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from typing import IO, TYPE_CHECKING, Any

from repo2docker.app import Repo2Docker
from repo2docker.docker import DockerEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a terminal would obey: a log is shown in terminals.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Buildx(DockerEngine):
    """Builds by `docker buildx`, which the kernel kills with the builder; the engine then ends the step."""

    def build(
        self,
        *,
        tag: str,
        buildargs: Mapping[str, str],
        fileobj: IO[bytes] | None = None,
        path: str = "",
        dockerfile: str = "",
        **_: object,
    ) -> Iterator[str]:
        """Build a context, line by line of what it says.

        Parameters
        ----------
        tag : str
            What the image is called.
        buildargs : Mapping[str, str]
            Values for the recipe's ARGs.
        fileobj : IO[bytes], optional
            The context as an archive; without one it is the folder at `path`, and its recipe `dockerfile`.

        Raises
        ------
        subprocess.CalledProcessError
            It failed.
        """
        words = ["setpriv", "--pdeathsig", "KILL", "docker", "buildx", "build", "--progress", "plain"]
        words += ["--tag", tag]
        for name, value in buildargs.items():
            words += ["--build-arg", f"{name}={value}"]
        words += self.extra_buildx_build_args
        if fileobj is None:
            yield from _lines([*words, "--file", dockerfile, path])
            return
        with tempfile.TemporaryDirectory() as context:
            with tarfile.open(fileobj=fileobj) as archive:
                archive.extractall(context, filter=_unowned)  # noqa: S202 - repo2docker has just made it
            yield from _lines([*words, context])


def _unowned(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Let files be the builder's: it may give none away, and tarfile would then leave out their modes."""
    nobodys: dict[str, Any] = dict.fromkeys(("uid", "gid", "uname", "gname"))  # None: left as it is
    return tarfile.tar_filter(member, folder).replace(**nobodys)


class BuildxApp(Repo2Docker):
    """repo2docker with that engine."""

    def get_engine(self) -> Buildx:
        """Give the engine."""
        return Buildx(parent=self)


def _lines(words: list[str]) -> Iterator[str]:
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                yield _UNPRINTABLE.sub("�", line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words[3:])
