"""What others wrote, made fit for a terminal and a page. Pure."""

from __future__ import annotations

import re

#: Colours and cursor movements, then titles and links of terminals.
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[@-Z\\-_])", re.DOTALL)

#: C0 and C1 controls; marks that turn the direction of writing; invisible ones; halves of surrogate pairs.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

_LONGEST = 2000


def printable(text: str) -> str:
    """Give one line's text without anything that a terminal obeys.

    Nothing that a build, a repo or a pusher writes is trusted; a carriage return (a progress bar) leaves
    what stands after it.
    """
    line = text.rstrip("\r\n").rpartition("\r")[2]
    line = _CONTROL.sub("", _SEQUENCE.sub("", line)).replace("\n", " ").replace("\t", "    ")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def printable_lines(text: str) -> list[str]:
    """Give each line of a text, fit for a terminal."""
    return [printable(line) for line in text.split("\n")]
