"""A notebook whose language Jupytext does not know has no text twin; stock Jupytext refuses to save it."""

from __future__ import annotations

from typing import Any

from jupytext import formats


def install() -> None:
    """Have `auto` mean a twin where there can be one."""
    stock = formats.auto_ext_from_metadata

    def extension(metadata: dict[str, Any]) -> str | None:
        # A kernel may name an extension of its own for a language that Jupytext has under another.
        by_language = {name: value for name, value in metadata.items() if name != "language_info"}
        for asked in (metadata, by_language):
            if (found := stock(asked)) in formats.NOTEBOOK_EXTENSIONS:
                return found
        return None

    formats.auto_ext_from_metadata = extension
