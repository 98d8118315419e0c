"""What a declaration asks for beside conda's packages: handed to pip's part, refused, or told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.builder.declare.items import Requirement
from lectern.builder.resolve import requirement_lines
from lectern.builder.resolve.debian_r import BASE_PACKAGES
from lectern.builder.resolve.refusals import Reason, RefusedError

if TYPE_CHECKING:
    from lectern.builder.declaration import Declaration
    from lectern.builder.declare.items import CondaSpec, Item

_CHOOSE_FAST = "write `resolver: fast` in lectern.yml"


@dataclass(frozen=True)
class Beside:
    """What pip's part is resolved with, and what has to be told."""

    constraints: tuple[Requirement, ...] = ()
    allows_prereleases: bool = False
    notices: tuple[str, ...] = ()


@dataclass
class _Collected:
    reasons: list[Reason] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_beside(declaration: Declaration) -> Beside:
    """Read what neither conda's solver nor a requirement says.

    Raises
    ------
    RefusedError
        Names all entries that conda's resolver would have to leave out, each with the way out.
    """
    so_far = _Collected()
    _read_extras(declaration.conda, so_far)
    constraints = _read_constraints(declaration.constraints, so_far)
    allows_prereleases = _read_options(declaration.options, so_far)
    _read_r(declaration, so_far)
    if so_far.reasons:
        raise RefusedError(so_far.reasons)
    return Beside(
        constraints,
        allows_prereleases,
        tuple(so_far.notices),
    )


def _read_extras(specs: tuple[CondaSpec, ...], so_far: _Collected) -> None:
    so_far.reasons += [
        Reason(
            spec.where,
            f"`{spec}`: conda's packages have no extras",
            f"write `- {spec.name}`, and what the extra adds as further entries; or put it under `pip:`",
        )
        for spec in specs
        if spec.extras
    ]


def _read_constraints(asked: tuple[Requirement, ...], so_far: _Collected) -> tuple[Requirement, ...]:
    found = []
    for one in asked:
        read = requirement_lines.parse(one)
        if isinstance(read, Reason):
            so_far.reasons.append(read)
        else:
            found.append(Requirement(str(read), one.where))
    return tuple(found)


def _read_options(options: tuple[Item, ...], so_far: _Collected) -> bool:
    refused, idle, allows_prereleases = requirement_lines.read_options(options)
    so_far.reasons += refused
    if idle:
        so_far.notices.append(f"options without effect here: {', '.join(idle)}")
    return allows_prereleases


def _read_r(declaration: Declaration, so_far: _Collected) -> None:
    if package := declaration.r_package:
        so_far.reasons.append(
            Reason(
                package.where,
                f"`{package.name}`: the repo's own R package is not installed among conda's packages",
                f"take DESCRIPTION away and `source()` its files; or {_CHOOSE_FAST}",
            )
        )
    if snapshot := declaration.r_snapshot:
        so_far.reasons.append(
            Reason(
                snapshot.where,
                f"CRAN of {snapshot.name} is asked for, and conda's channels keep no past days",
                "take the line out and write R's version into environment.yml, as `- r-base=4.4`; "
                f"or {_CHOOSE_FAST}",
            )
        )
    named = {spec.name for spec in declaration.conda}
    if any(name.startswith(("r-", "bioconductor-")) for name in named):
        named.add("r-base")
    idle = []
    for item in declaration.r:
        names = _conda_names(item.name.lower())
        if named.isdisjoint(names):
            so_far.reasons.append(
                Reason(
                    item.where,
                    f"`{item.name}{item.version}`: R packages of CRAN are not installed beside conda's",
                    f"write {' or '.join(f'`- {name}`' for name in names)} into environment.yml; "
                    f"or {_CHOOSE_FAST}",
                )
            )
        else:
            idle.append(f"{item.name}{item.version} ({item.where})")
    if idle:
        so_far.notices.append(f"taken as environment.yml names them: {', '.join(idle)}")


def _conda_names(package: str) -> tuple[str, ...]:
    """Give what conda calls an R package of CRAN, and one of Bioconductor."""
    return ("r-base",) if package in BASE_PACKAGES else (f"r-{package}", f"bioconductor-{package}")
