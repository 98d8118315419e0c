"""Tokens by which the builds of one environment reach private hosts.

They are kept as a netrc file, which git, uv and what else downloads read from the home of whoever runs
them. A build step sees it as a secret of BuildKit: it is in no layer, no log, no label and no cache's key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import LecternError

if TYPE_CHECKING:
    from pathlib import Path

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
# What every reader of such files takes without quotes.
_WORD = re.compile(r"[!$-&(-\[\]-~]{1,4096}")
#: For a token without a name: hosts of git look at the token only.
_ANY_USER = "oauth2"


class CredentialError(LecternError):
    """A host or a token that cannot be kept."""


@dataclass(frozen=True)
class Credentials:
    """What is kept for one environment.

    Parameters
    ----------
    folder : Path
        Its own; may serve as the home of a program that reads `.netrc`. Made when something is first kept.
    """

    folder: Path

    @property
    def netrc(self) -> Path:
        """Where the file lies, if there is any."""
        return self.folder / ".netrc"

    def hosts(self) -> tuple[str, ...]:
        """Give the hosts that there is something for, sorted."""
        return tuple(sorted(self._read()))

    def put(self, host: str, secret: str) -> None:
        """Keep a token for a host, in place of an earlier one.

        Parameters
        ----------
        host : str
            As in addresses, `github.com`.
        secret : str
            A token, or `user:token`.

        Raises
        ------
        CredentialError
            It is no host, or no token.
        """
        if not _HOST.fullmatch(host):
            raise CredentialError(
                "is no host",
                where=host[:80],
                hint="write it without `https://`: github.com",
            )
        user, separator, token = secret.strip().partition(":")
        if not separator:
            user, token = _ANY_USER, user
        if not _WORD.fullmatch(user) or not _WORD.fullmatch(token):
            # The text itself is not repeated: it may be a password that was mistyped.
            raise CredentialError(
                "is no token", where=host, hint="give TOKEN or USER:TOKEN on stdin, without blanks and quotes"
            )
        self._write(self._read() | {host: (user, token)})

    def remove(self, host: str) -> bool:
        """Forget what is kept for a host; say whether there was anything."""
        kept = self._read()
        was_there = kept.pop(host, None) is not None
        self._write(kept)
        return was_there

    def _read(self) -> dict[str, tuple[str, str]]:
        if not self.netrc.exists():
            return {}
        lines = (line.split() for line in self.netrc.read_text(encoding="ascii").splitlines())
        return {words[1]: (words[3], words[5]) for words in lines}

    def _write(self, kept: dict[str, tuple[str, str]]) -> None:
        if not kept:
            self.netrc.unlink(missing_ok=True)
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self.folder / ".netrc.new"
        aside.touch(mode=0o600)
        aside.write_text(
            "".join(
                f"machine {host} login {user} password {token}\n"
                for host, (user, token) in sorted(kept.items())
            ),
            encoding="ascii",
        )
        aside.replace(self.netrc)


def credentials_of(builds: Path, environment: str) -> Credentials:
    """Give what is kept for an environment.

    Parameters
    ----------
    builds : Path
        The folder of builds.
    environment : str
        The environment's name.
    """
    return Credentials(builds / ".credentials" / environment)
