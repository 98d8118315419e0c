"""Find the loop's marks in what an interpreter prints. Pure."""

from __future__ import annotations

READY = "ready"
ERROR = "error"
ASKS = "asks"


class Marks:
    """Splits a stream of bytes at marks, however the stream is cut.

    Parameters
    ----------
    mark : str
        What stands before `ready`, `error` and `asks`.
    """

    def __init__(self, mark: str) -> None:
        self._words = {f"{mark}{word}\n".encode(): word for word in (READY, ERROR, ASKS)}
        self._held = b""

    def feed(self, chunk: bytes) -> list[bytes | str]:
        """Give texts (bytes) and marks (words) in order; keeps back what may become a mark."""
        parts: list[bytes | str] = []
        text = self._held + chunk
        while True:
            found = [(at, full) for full in self._words if (at := text.find(full)) >= 0]
            if not found:
                break
            at, full = min(found)
            if at:
                parts.append(text[:at])
            parts.append(self._words[full])
            text = text[at + len(full) :]
        kept = self._beginning(text)
        self._held = text[len(text) - kept :]
        if len(text) > kept:
            parts.append(text[: len(text) - kept])
        return parts

    def rest(self) -> bytes:
        """Give what was kept back, when nothing more comes."""
        rest, self._held = self._held, b""
        return rest

    def _beginning(self, text: bytes) -> int:
        """Give how many of the last bytes are the beginning of a mark."""
        longest = max(map(len, self._words)) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(full.startswith(text[-length:]) for full in self._words):
                return length
        return 0
