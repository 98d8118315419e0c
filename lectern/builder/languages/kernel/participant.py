"""Who runs a cell, as what runs it sees them."""

from __future__ import annotations

from typing import Protocol


class Participant(Protocol):
    """Who runs the cell: may interrupt it, and may be asked."""

    def wants_to_interrupt(self) -> bool:
        """Say, once for each time, that the cell is to be stopped."""

    def answer(self) -> str | None:
        """Ask for a line of input; None when nobody can be asked.

        Raises
        ------
        KeyboardInterrupt
            Instead of an answer, the cell is to be stopped.
        """
