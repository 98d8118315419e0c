"""A full `conda env export`: a list of all that some machine had, not of what the material needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lectern.builder.declaration import Declaration

#: Nobody writes so many entries by hand, each with its version.
_MANY = 60
#: Enough to tell an export with `prefix:` from a short list whose author left the line in.
_SOME = 20
_MOST = 0.9
_EXACT = re.compile(r"={1,2}[^,|]+")
#: Packages that one platform's Python brings along.
_TELLTALES = {
    "windows": {
        "pywin32",
        "pywinpty",
        "vc",
        "vs2015_runtime",
        "wincertstore",
        "ucrt",
        "win_inet_pton",
        "m2w64-gmp",
    },
    "macos": {"appnope", "libcxx", "python.app"},
    "linux": {"_libgcc_mutex", "_openmp_mutex", "ld_impl_linux-64", "libgcc-ng", "libstdcxx-ng"},
}


def looks_exported(declaration: Declaration) -> bool:
    """Say whether environment.yml was written by `conda env export`, with all that was installed."""
    pinned = [spec for spec in declaration.conda if _EXACT.fullmatch(spec.version)]
    count = len(declaration.conda)
    if count < _SOME or len(pinned) < _MOST * count:
        return False
    has_builds = sum(bool(spec.build) for spec in pinned) > count / 2
    return has_builds or count >= _MANY or bool(declaration.prefix)


def exported_platform(declaration: Declaration) -> str:
    """Guess where an environment was exported: "linux", "macos", "windows", or "" when nothing tells."""
    if re.match(r"[A-Za-z]:\\", declaration.prefix):
        return "windows"
    if declaration.prefix.startswith("/Users/"):
        return "macos"
    names = {spec.name for spec in declaration.conda}
    return next((platform for platform, tales in _TELLTALES.items() if names & tales), "")
