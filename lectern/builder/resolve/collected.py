"""What is known while the entries of a declaration are gone through, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lectern.builder.declare.items import Item, Requirement
from lectern.builder.resolve.refusals import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

#: Always there: the kernel that a notebook speaks to.
KERNEL = Requirement("ipykernel", "")


class Archive(Protocol):
    """What Debian has; see `debian.read_archive`."""

    def find_version(self, package: str) -> str | None:
        """Give the version of a package, "" for a virtual one, None when there is none."""


@dataclass
class Collected:
    """What the entries so far asked for, and what has to be said of them."""

    archive: Archive | None
    imports: frozenset[str]
    uses_node: bool
    is_on_pypi: Callable[[str], bool]
    requirements: set[Requirement] = field(default_factory=lambda: {KERNEL})
    constraints: list[Requirement] = field(default_factory=list)
    conda_names: dict[str, str] = field(default_factory=dict)
    python: list[Item] = field(default_factory=list)
    debian: set[str] = field(default_factory=set)
    r: set[Item] = field(default_factory=set)
    reasons: list[Reason] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def tell(self, heading: str, entry: str) -> None:
        """Note an entry for the notice that all of its kind share."""
        self.groups.setdefault(heading, []).append(entry)

    def refuse(self, where: str, what: str, hint: str) -> None:
        """Note why an entry cannot be had, and the way out."""
        self.reasons.append(Reason(where, what, hint))
