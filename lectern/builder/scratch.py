"""Where a build puts what nobody needs after it: a killed one's is removed by the next."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def scratch(builds: Path) -> Iterator[None]:
    """Let all temporary files of this process lie in one folder, which is empty at first and gone at last.

    Parameters
    ----------
    builds : Path
        The folder of builds. The caller has the turn (`turn.turn`): no other build uses the folder.
    """
    folder = builds / ".scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
