"""One folder an environment: its lock, the layers of the last release, and each build's log and manifest.

Files beside the image, for people and for the next build; none of them says what is published: that is the
image's own record (release.py).
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.lock import Lock, NotALockError, read_lock

if TYPE_CHECKING:
    from pathlib import Path

_LOCK = "lectern.lock"
_CHAIN = "layers.json"
_LOG = ".log"
_MANIFEST = ".manifest.json"
_BEGIN_OF_COMMIT = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True)
class Records:
    """The folder of one environment.

    Parameters
    ----------
    folder : Path
        Made when something is first written.
    """

    folder: Path

    def find_lock(self) -> Lock | None:
        """Give the lock of the last build; None when there is none of this version of Lectern."""
        path = self.folder / _LOCK
        try:
            return read_lock(path.read_bytes(), where=str(path))
        except (OSError, NotALockError):
            return None

    def write_lock(self, lock: Lock) -> None:
        """Keep a lock for the next build."""
        self._write(_LOCK, lock.to_json())

    def find_chain(self, ground: str) -> tuple[str, ...]:
        """Give the locks of Python that the last release was built with, one after another.

        Parameters
        ----------
        ground : str
            What lies below them; a chain on another ground is of no use.
        """
        try:
            kept = json.loads((self.folder / _CHAIN).read_bytes())
            return tuple(map(str, kept["chain"])) if kept["ground"] == ground else ()
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def write_chain(self, ground: str, chain: tuple[str, ...]) -> None:
        """Keep the locks of Python that a release was built with."""
        self._write(_CHAIN, json.dumps({"ground": ground, "chain": chain}))

    def log(self, commit: str) -> Path:
        """Give the path that a build's log is written to."""
        return self.folder / f"{commit}{_LOG}"

    def has_log(self, commit: str) -> bool:
        """Say whether there is the log of a commit's last build."""
        return self.log(commit).is_file()

    def find_log(self, commit: str) -> Path | None:
        """Find the log of a commit's last build; None when there is none.

        Parameters
        ----------
        commit : str
            As somebody typed it: all of it, or how it begins.
        """
        if not _BEGIN_OF_COMMIT.fullmatch(commit):
            return None
        return min(self.folder.glob(f"{commit}*{_LOG}"), default=None)

    def write_manifest(self, commit: str, text: str) -> None:
        """Keep a release's manifest."""
        self._write(f"{commit}{_MANIFEST}", text)

    def remove(self) -> None:
        """Remove them all, and the folder with them unless it holds something else too."""
        for pattern in (_LOCK, _CHAIN, f"*{_LOG}", f"*{_MANIFEST}"):
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)
        with suppress(OSError):  # nothing was ever written, or it is one of the builder's own (`tmp`)
            self.folder.rmdir()

    def _write(self, name: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f".{name}.new"
        aside.write_text(text, encoding="utf-8")
        aside.replace(self.folder / name)
