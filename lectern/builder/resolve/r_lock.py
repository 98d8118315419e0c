"""The R part of an environment's lock: what is installed, from where, in which order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What compiles source packages; Debian's own list of tools and headers for R.
COMPILERS = "r-base-dev"


@dataclass(frozen=True)
class CranPackage:
    """One package from CRAN, exactly."""

    name: str
    version: str
    kind: Literal["source", "binary"]
    mirror: str  # "cran" | "cran_binaries": which of the addresses has it
    path: str  # below that address
    sha256: str
    compiles: bool
    wave: int  # packages of one wave need none of each other, only of earlier waves


@dataclass(frozen=True)
class RLock:
    """What makes the R part of an environment. Knows no address: a campus mirror serves the same lock."""

    debian: tuple[str, ...] = ()  # r-cran-…, r-bioc-…
    cran: tuple[CranPackage, ...] = ()  # in the order of installation
    system: tuple[str, ...] = ()  # Debian packages that those of CRAN are made with
    snapshot: str = ""  # the date of CRAN that was asked for: 2024-05-01
    notices: tuple[str, ...] = ()

    def step_file(self) -> str:
        """Write what steps/install-cran.bash reads: a line `wave sha256 mirror path` for each package."""
        return "".join(
            f"{package.wave} {package.sha256} {package.mirror} {package.path}\n" for package in self.cran
        )
