"""What Debian offers of R: names and versions as R knows them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.resolve.r_version import is_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lectern.builder.resolve.r_version import Constraint

#: R's own packages: part of r-base-core, on no mirror.
BASE_PACKAGES = frozenset(
    (
        *("base", "compiler", "datasets", "graphics", "grdevices", "grid", "methods", "parallel"),
        *("splines", "stats", "stats4", "tcltk", "tools", "utils"),
    )
)

#: CRAN's package goes before Bioconductor's of the same name, as in `install.packages`.
_PREFIXES = ("r-cran-", "r-bioc-")
# Debian's additions: an epoch before, a revision behind, how the source was repacked in between.
_DEBIAN_VERSION = re.compile(
    r"(?:[0-9]+:)?(?P<upstream>[^+~]+?)(?P<repacked>[+~.]?(?:dfsg|ds|repack)[\w.]*|[+~].*)?"
)


@dataclass(frozen=True)
class DebianPackage:
    """One R package of Debian's archive."""

    name: str  # r-cran-mass
    version: str  # as R writes it; "" where Debian's says something else

    def fits(self, constraint: Constraint) -> bool:
        """Say whether this version will do; an unknown one does where any will."""
        return constraint.admits(self.version) if self.version else not constraint


def read_r_packages(debian: Mapping[str, str]) -> dict[str, DebianPackage]:
    """Give Debian's R packages by their R name in lower case.

    Parameters
    ----------
    debian : Mapping[str, str]
        Package name → version; names of other packages are passed over.
    """
    found: dict[str, DebianPackage] = {}
    for prefix in _PREFIXES:
        for name, version in debian.items():
            if name.startswith(prefix):
                found.setdefault(name.removeprefix(prefix), DebianPackage(name, r_version_of(version)))
    return found


def r_version_of(debian_version: str) -> str:
    """Read R's version out of Debian's: `1:2.0.1+dfsg-3` is 2.0.1; "" where it has none."""
    upstream = debian_version.rpartition("-")[0] or debian_version
    match = _DEBIAN_VERSION.fullmatch(upstream)
    return match["upstream"] if match and is_version(match["upstream"]) else ""
