"""What a cell shows: its output as it comes, bounded, and the pictures that it writes."""

from __future__ import annotations

import base64
import codecs
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_CHARACTERS = 2_000_000
MAX_PICTURES = 20
MAX_PICTURE_BYTES = 10_000_000

#: Output is collected for so long before it is sent: a message for each line would drown the browser.
_COLLECT_S = 0.03

_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}


class Screen:
    """Sends what one cell prints.

    Parameters
    ----------
    send : Callable[[str, dict[str, Any]], None]
        Sends a message of a type to the participant.
    hidden : str
        Left out of what is shown: the path of the kernel's own folder, in front of a cell's file.
    """

    def __init__(self, send: Callable[[str, dict[str, Any]], None], *, hidden: str) -> None:
        self._send = send
        self._hidden = hidden
        self._decoders = {
            name: codecs.getincrementaldecoder("utf-8")(errors="replace") for name in ("stdout", "stderr")
        }
        self._name = "stdout"
        self._text = ""
        self._since = 0.0
        self._left = MAX_CHARACTERS

    def show(self, name: str, chunk: bytes) -> None:
        """Add what came on `stdout` or `stderr`."""
        text = self._decoders[name].decode(chunk)
        if name != self._name:
            self.flush()
            self._name = name
        if not self._text:
            self._since = time.monotonic()
        self._text += text
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Send what has been collected for long enough."""
        if self._text and time.monotonic() - self._since >= _COLLECT_S:
            self.flush()

    def flush(self) -> None:
        """Send what has been collected."""
        text, self._text = self._text.replace(self._hidden, ""), ""
        if not text or self._left <= 0:
            return
        shown = text[: self._left]
        self._left -= len(text)
        self._send("stream", {"name": self._name, "text": shown})
        if self._left <= 0:
            cut = f"\n[output ends here: a cell shows at most {MAX_CHARACTERS} characters]\n"
            self._send("stream", {"name": "stderr", "text": cut})

    def show_pictures(self, folder: Path) -> None:
        """Show pictures that lie in a folder, the oldest first, and remove them."""
        self.flush()
        found = [
            path
            for path in folder.rglob("*")
            if path.suffix.lower() in _PICTURES and path.is_file() and path.stat().st_size
        ]
        found.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        for number, path in enumerate(found):
            if number < MAX_PICTURES and path.stat().st_size <= MAX_PICTURE_BYTES:
                self._show_picture(path)
            else:
                most = f"{MAX_PICTURES} pictures of {MAX_PICTURE_BYTES} bytes"
                told = f"[{path.name} is not shown: at most {most}]\n"
                self._send("stream", {"name": "stderr", "text": told})
            with suppress(OSError):
                path.unlink()

    def _show_picture(self, path: Path) -> None:
        kind = _PICTURES[path.suffix.lower()]
        content = path.read_bytes()
        shown = (
            content.decode(errors="replace")
            if kind == "image/svg+xml"
            else base64.b64encode(content).decode()
        )
        data = {kind: shown, "text/plain": path.name}
        self._send("display_data", {"data": data, "metadata": {}})
