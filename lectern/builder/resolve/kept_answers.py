"""Answers of servers that are kept between calls, read and written by several processes at once."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def read_kept(path: Path) -> dict[str, Any]:
    """Give what was kept, or nothing where there is none that can be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def keep(path: Path, answer: dict[str, Any]) -> None:
    """Keep an answer; who reads at the same moment gets the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(answer, file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
