"""Several reasons, one error: a person who corrects a file wants all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Sequence


#: The way out for what only conda has.
CHOOSE_CONDA = "choose conda: `resolver: conda` in lectern.yml"


@dataclass(frozen=True)
class Reason:
    """Why one entry cannot be had as it is declared."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.where}: {self.what}" + (f" → {self.hint}" if self.hint else "")


class RefusedError(ResolveError):
    """Entries of a declaration cannot be had; `reasons` has each of them."""

    def __init__(self, reasons: Sequence[Reason], advice: str = "") -> None:
        if len(reasons) == 1:
            what, where = reasons[0].what, reasons[0].where
            hint = "; or ".join(filter(None, (advice, reasons[0].hint)))
        else:
            listed = "".join(f"\n  {reason}" for reason in reasons)
            what, where = f"{len(reasons)} entries cannot be had as they are declared{listed}", ""
            hint = advice or "change each as it says"
        super().__init__(what, where=where, hint=hint)
        self.reasons = tuple(reasons)
