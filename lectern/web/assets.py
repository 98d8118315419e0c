"""The files that a browser keeps: style, logo, script. Their addresses change with what is in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tornado.web import StaticFileHandler

FOLDER = Path(__file__).parent

#: Only these are given out; the folder holds code too.
NAMES = ("style.css", "logo.svg", "page.js")

#: What follows the prefix in a route.
PATTERN = "(" + "|".join(name.replace(".", r"\.") for name in NAMES) + ")"


def addresses(prefix: str) -> dict[str, str]:
    """Give each file's address below a prefix, with the hash of what is in it.

    Parameters
    ----------
    prefix : str
        Path that the files are served under, with both slashes.
    """
    return {
        name: f"{prefix}{name}?v={hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:16]}"
        for name in NAMES
    }


class AssetHandler(StaticFileHandler):
    """Serve `NAMES`; tornado tells browsers to keep what was asked for with its hash."""

    def initialize(self) -> None:
        """Serve from this folder."""
        super().initialize(path=str(FOLDER))
