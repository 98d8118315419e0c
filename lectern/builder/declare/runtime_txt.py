"""runtime.txt: a version of Python, or a date of CRAN with a version of R."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lectern.builder.declare.files import shown
from lectern.builder.declare.items import Item
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text

_RUNTIME = re.compile(
    r"python-(?P<python>\d{1,2}(?:\.\d{1,3}){0,2})"
    r"|r-(?:(?P<r>\d{1,2}(?:\.\d{1,3}){1,2})-)?(?P<date>\d{4}-\d{2}-\d{2})",
    re.ASCII,
)


@dataclass(frozen=True)
class Runtime:
    """What runtime.txt asks for: one of the two."""

    python: Item | None = None  # version is a PEP 440 set
    r_snapshot: Item | None = None  # name is the date, version R's own or ""


def read_runtime_txt(text: Text) -> Runtime:
    """Read the one line of a runtime.txt.

    Raises
    ------
    DeclarationError
        It names no version of Python and no date of CRAN.
    """
    lines = [(line.strip(), where) for line, where in text.lines() if line.strip()]
    written, where = lines[0] if lines else ("", text.path)
    match = _RUNTIME.fullmatch(written)
    if not match or len(lines) > 1:
        raise DeclarationError(
            f"`{shown(written)}` is no runtime" if len(lines) < 2 else "has more than one line",  # noqa: PLR2004
            where=where,
            hint="write `python-3.13`, `r-4.5-2026-05-01` or `r-2026-05-01`",
        )
    if wanted := match["python"]:
        patch_or_series = wanted if wanted.count(".") == 2 else f"{wanted}.*"  # noqa: PLR2004
        return Runtime(python=Item("python", f"=={patch_or_series}", where))
    try:
        date.fromisoformat(match["date"])
    except ValueError as problem:
        raise DeclarationError(
            f"`{match['date']}` is no day", where=where, hint="write year-month-day: `r-2026-05-01`"
        ) from problem
    return Runtime(r_snapshot=Item(match["date"], match["r"] or "", where))
