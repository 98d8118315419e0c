"""One build at a time in an installation, whoever starts it, in whatever container."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lectern.builder.progress import Listener


@contextmanager
def turn(folder: Path, environment: str, listener: Listener) -> Iterator[None]:
    """Wait until no other build runs; who has to wait is told for what.

    The kernel lets go of the lock when its holder ends, however it ends.

    Parameters
    ----------
    folder : Path
        The folder of builds, which all builders of an installation share.
    environment : str
        What is to be built: others who wait are told.
    listener : Listener
        Told when there is somebody to wait for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".turn").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            listener.notice(f"waiting: another build is running here ({file.read() or 'just begun'})")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(environment)
        file.flush()
        yield
