"""Take versions off the lines that are in the way, for the author to look at and commit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lectern.builder.declare.files import MAX_LOCK_BYTES, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lectern.builder.resolve.refusals import Reason

_ENTRY = re.compile(
    r"""(?P<start>\s*(?:-\s+)?["']?)(?P<name>(?:[\w./-]+::)?[A-Za-z0-9][\w.-]*(?:\[[\w,. -]*\])?)"""
    r"""(?P<version>\s*(?:[<>=!~ ][^#"';]*?)?)(?P<end>["']?\s*(?:[;#].*)?)""",
    re.ASCII,
)


def loosen(text: str, file: str, reasons: Iterable[Reason]) -> str:
    """Give a file's text without the versions that stand in the way; all else stays as it is.

    Parameters
    ----------
    text : str
        An environment.yml or requirements.txt.
    file : str
        Its name, as the reasons have it before the line number.
    reasons : Iterable[Reason]
        What `RefusedError` has.
    """
    places = " ".join(reason.where for reason in reasons)
    blocked = {int(line) for line in re.findall(rf"{re.escape(file)}:(\d+)", places)}
    lines = text.splitlines(keepends=True)
    return "".join(_freed(line) if number in blocked else line for number, line in enumerate(lines, 1))


def loosened(repo: Path, reasons: Sequence[Reason]) -> str:
    """Give the first file that a reason names, without the versions that stand in the way; "" for none.

    Raises
    ------
    DeclarationError
        It is no text.
    """
    named = re.search(r"([\w./-]+):\d+", " ".join(reason.where for reason in reasons))
    if not named or not (repo / named[1]).is_file():
        return ""
    # Read as the declaration was: PowerShell writes UTF-16, and a mark may stand before the first line.
    text = Source(repo, "").read_text(named[1], max_bytes=MAX_LOCK_BYTES)
    return loosen(text.content, named[1], reasons)


def _freed(line: str) -> str:
    bare = line.rstrip("\r\n")
    match = _ENTRY.fullmatch(bare)
    # Names alone stay, and so do addresses: there is no other version at an address.
    if not match or "@" in bare or not match["version"].strip():
        return line
    end = match["end"] if match["end"][:1] in {"", '"', "'", " "} else f" {match['end']}"
    return match["start"] + match["name"] + end + line[len(bare) :]
