"""Debian control format, as R writes it in DESCRIPTION and PACKAGES. Pure."""

from __future__ import annotations

import re

_FIELD = re.compile(r"([A-Za-z0-9@][\w@./-]*)\s*:(.*)", re.ASCII)
_BLANK_LINE = re.compile(r"\n(?:[ \t]*\n)+")


def split_stanzas(text: str) -> list[str]:
    """Split a file of records at its blank lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return [stanza for stanza in _BLANK_LINE.split(lines.strip("\n")) if stanza.strip()]


def read_stanza(stanza: str) -> dict[str, str]:
    """Read one record.

    Parameters
    ----------
    stanza : str
        Lines `Field: value`; a line that starts with a blank continues the one above.

    Returns
    -------
    dict[str, str]
        Values with each run of white space made one blank, as no field used here has layout.

    Raises
    ------
    ValueError
        A line is neither a field nor a continuation.

    References
    ----------
    R's `read.dcf`; Debian policy, 5.1.
    """
    fields: dict[str, str] = {}
    name = ""
    for line in re.split(r"\r\n|\r|\n", stanza):
        if not line.strip():
            continue
        if line[0] in " \t" and name:
            fields[name] += " " + line
        elif match := _FIELD.fullmatch(line):
            name = match[1]
            fields[name] = match[2]
        else:
            raise ValueError(f"`{line[:60]}` is no field")
    return {name: " ".join(value.split()) for name, value in fields.items()}
