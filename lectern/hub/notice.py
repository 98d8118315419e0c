"""An installation's privacy notice: a text of the operator's, shown as it is.

Of Markdown it may have headings, lists and links; nothing in it becomes markup of its own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "privacy.md"

_LARGEST = 256 * 1024
_LINK = re.compile(r"\[([^\]\n]+)\]\(((?:https?://|mailto:)[^)\s]+)\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True)
class Block:
    """A part of the text; a list has several lines, everything else one."""

    kind: str  # "heading", "list" or "paragraph"
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A privacy notice, as its file holds it."""

    data: bytes

    @property
    def hashed(self) -> str:
        """Give what consent is given to: another text is another notice."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def blocks(self) -> list[Block]:
        """Give the text in parts, to be shown."""
        return _blocks(self.data.decode("utf-8-sig", "replace"))


def read_notice(folder: Path) -> Notice | None:
    """Read the notice in a folder; None where there is none, or an empty one."""
    path = folder / FILE
    try:
        seen = path.stat()
        return _read(path, seen.st_mtime_ns, seen.st_size, seen.st_ino)
    except OSError:
        return None


@lru_cache(maxsize=1)
def _read(path: Path, *_state: int) -> Notice | None:
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    return Notice(data) if data.strip() else None


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        for line in part.splitlines():
            kind, words = _line(line)
            before = blocks[-1] if blocks else None
            if before is not None and before.kind == kind == "list":
                blocks[-1] = Block(kind, (*before.lines, words))
            elif before is not None and before.kind != "heading" and kind == "paragraph":
                # A line goes on with the sentence before it, until a blank one.
                blocks[-1] = Block(before.kind, (*before.lines[:-1], f"{before.lines[-1]} {words}".strip()))
            elif words:
                blocks.append(Block(kind, (words,)))
        blocks.append(Block("paragraph", ("",)))
    return [block for block in blocks if any(block.lines)]


def _line(line: str) -> tuple[str, str]:
    words = _STRONG.sub(r"\2", _LINK.sub(r"\1 (\2)", line.strip()))
    if heading := re.fullmatch(r"#{1,6}\s+(.*?)\s*#*", words):
        return "heading", heading[1]
    if item := re.fullmatch(r"[-*+]\s+(.*)", words):
        return "list", item[1]
    return "paragraph", words
