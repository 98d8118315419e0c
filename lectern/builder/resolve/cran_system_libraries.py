"""CRAN's free-text SystemRequirements → Debian packages, by a curated table."""

from __future__ import annotations

import csv
import functools
import re
from importlib.resources import files

_CLAUSE_END = re.compile(r"[,;\n]|\.\s")


@functools.cache
def table() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """Give pattern and Debian packages; none where every installation has it."""
    text = files("lectern.builder.resolve").joinpath("cran_system_libraries.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((re.compile(row["pattern"], re.IGNORECASE), tuple(row["debian"].split())) for row in rows)


def debian_packages(requirements: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say what a package's SystemRequirements are called in Debian.

    Parameters
    ----------
    requirements : str
        As authors write them: "libxml2 (>= 2.6.3): libxml2-dev (deb), GNU make".

    Returns
    -------
    tuple[tuple[str, ...], tuple[str, ...]]
        Debian packages; and the parts that the table does not know.
    """
    found: set[str] = set()
    unknown = []
    # A remark in parentheses says how the same thing is called elsewhere: libxml2-devel (rpm).
    for clause in _CLAUSE_END.split(re.sub(r"\([^()]*\)", " ", requirements)):
        words = clause.strip(" .:")
        hits = [packages for pattern, packages in table() if pattern.search(words)]
        if words and not hits:
            unknown.append(words)
        found.update(package for packages in hits for package in packages)
    return tuple(sorted(found)), tuple(unknown)
