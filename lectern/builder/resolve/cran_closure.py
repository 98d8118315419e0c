"""Which R packages are needed and where each comes from: Debian first, then CRAN, then CRAN's archive.

Demands on a package only ever grow: when one more is met than its present choice fulfils, it is chosen
anew. So the search ends, and its outcome does not depend on the order in which packages were named.
"""

from __future__ import annotations

import difflib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lectern.builder.resolve.debian_r import BASE_PACKAGES, DebianPackage
from lectern.builder.resolve.r_version import version_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lectern.builder.resolve.cran_index import Offer
    from lectern.builder.resolve.cran_source import CranSource
    from lectern.builder.resolve.r_version import Constraint

#: How many past versions are looked at for one that runs on this R: each look is a download.
_PAST_LOOKS = 8
_LISTED_VERSIONS = 6


@dataclass(frozen=True, order=True)
class Root:
    """One package that the declaration names."""

    where: str
    name: str
    constraint: Constraint = field(compare=False)
    is_bioconductor: bool = False


@dataclass(frozen=True, order=True)
class Problem:
    """Why something cannot be had: where it is asked for, what is the matter, what would help."""

    where: str
    what: str
    hint: str


@dataclass(frozen=True)
class Closure:
    """All that is needed, by R name in lower case."""

    debian: tuple[DebianPackage, ...]
    cran: dict[str, Offer]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]


@dataclass
class _Wish:
    """One package while the search runs."""

    name: str
    where: str  # the line of the declaration that led here
    by: str = ""  # the package that needs it; "" for one that the declaration names
    is_bioconductor: bool = False
    demands: dict[str, Constraint] = field(default_factory=dict)  # who demands → what
    choice: DebianPackage | Offer | None = None

    def admits(self, version: str) -> bool:
        return all(constraint.admits(version) for constraint in self.demands.values())

    def takes(self, packaged: DebianPackage) -> bool:
        return all(packaged.fits(constraint) for constraint in self.demands.values())

    @property
    def is_fulfilled(self) -> bool:
        match self.choice:
            case None:
                return False
            case DebianPackage():
                return self.takes(self.choice)
            case _:
                return self.admits(self.choice.version)

    def __str__(self) -> str:
        strict = [f"{who} wants {constraint}" for who, constraint in self.demands.items() if constraint]
        return f"`{self.name}`" + (f" ({', '.join(strict)})" if strict else "")


class _Search:
    def __init__(self, debian: Mapping[str, DebianPackage], cran: CranSource, r_version: str) -> None:
        self.debian = debian
        self.cran = cran
        self.r_version = r_version
        self.wishes: dict[str, _Wish] = {}
        self.queue: deque[str] = deque()
        self.problems: dict[str, Problem] = {}
        self.notices: dict[str, str] = {}

    def demand(self, wish: _Wish, who: str, constraint: Constraint) -> None:
        key = wish.name.lower()
        if key in BASE_PACKAGES:
            return
        known = self.wishes.setdefault(key, wish)
        known.demands[who] = constraint
        if not known.is_fulfilled:
            self.queue.append(key)

    def run(self) -> None:
        while self.queue:
            key = self.queue.popleft()
            wish = self.wishes[key]
            if wish.is_fulfilled or key in self.problems:
                continue
            wish.choice = self.choose(wish)
            if wish.choice is None:
                self.problems[key] = self.explain(wish)
            elif not isinstance(wish.choice, DebianPackage):
                who = f"{wish.choice.name} {wish.choice.version}"
                for need in wish.choice.needs:
                    self.demand(_Wish(need.name, wish.where, by=wish.choice.name), who, need.constraint)

    def choose(self, wish: _Wish) -> DebianPackage | Offer | None:
        key = wish.name.lower()
        packaged = self.debian.get(key)
        if packaged and wish.takes(packaged):
            return packaged
        if wish.is_bioconductor:
            return None
        present = [offer for offer in self.cran.offers(key) if wish.admits(offer.version)]
        for offer in present:
            if offer.runs_on(self.r_version):
                return offer
        return self.choose_past(wish, is_too_new=bool(present))

    def choose_past(self, wish: _Wish, *, is_too_new: bool) -> Offer | None:
        """Look into the archive: for a pin, and where CRAN's present version is for a newer R."""
        if not is_too_new and not any(wish.demands.values()):
            return None
        name = self.cran.names.get(wish.name.lower(), wish.name)
        named = [version for demand in wish.demands.values() for version in demand.candidates]
        listed = self.cran.past_versions(name)
        versions = [version for version in listed or named if wish.admits(version)]
        for version in versions[:_PAST_LOOKS]:
            offer = self.cran.past_offer(name, version)
            if offer and offer.runs_on(self.r_version):
                if is_too_new:
                    self.notices[name] = (
                        f"{wish.where}: `{name}` {version} of CRAN's archive: "
                        f"later ones do not run on R {self.r_version}"
                    )
                return offer
        return None

    def explain(self, wish: _Wish) -> Problem:
        key = wish.name.lower()
        packaged = self.debian.get(key)
        if wish.is_bioconductor and not packaged:
            return Problem(
                wish.where,
                f"`{wish.name}` is a package of Bioconductor that Debian lacks",
                "Bioconductor itself is not asked; `resolver: conda` in lectern.yml has all of its packages",
            )
        offers = [] if wish.is_bioconductor else self.cran.offers(key)
        if packaged or offers:
            return self.explain_versions(wish, packaged, offers)
        if wish.by:
            return Problem(
                wish.where,
                f"`{wish.by}` needs `{wish.name}`, which neither Debian nor CRAN has",
                "if it is a package of Bioconductor, only `resolver: conda` in lectern.yml has it",
            )
        spelt = {name: name for name in self.debian} | self.cran.names
        near = difflib.get_close_matches(key, spelt, n=1, cutoff=0.75)
        guess = f"did you mean `{spelt[near[0]]}`?" if near else "look up the name on CRAN"
        return Problem(wish.where, f"no R package `{wish.name}` in Debian or on CRAN", guess)

    def explain_versions(self, wish: _Wish, packaged: DebianPackage | None, offers: list[Offer]) -> Problem:
        there = []
        if packaged:
            there.append(f"Debian has {packaged.version or 'one without a plain version'}")
        versions = sorted({offer.version for offer in offers}, key=version_key, reverse=True)
        there += [f"CRAN has {version}{self.note_on_r(offers, version)}" for version in versions]
        past = self.cran.past_versions(self.cran.names.get(wish.name.lower(), wish.name)) if offers else ()
        if past:
            rest = f" and {len(past) - _LISTED_VERSIONS} older" if len(past) > _LISTED_VERSIONS else ""
            there.append(f"its archive {', '.join(past[:_LISTED_VERSIONS])}{rest}")
        return Problem(
            wish.where,
            f"no version of {wish} that runs on R {self.r_version}: {'; '.join(there)}",
            "change the pin to a version that is there, or remove it",
        )

    @staticmethod
    def note_on_r(offers: list[Offer], version: str) -> str:
        needed = {str(bound) for offer in offers if offer.version == version for bound in offer.r if bound}
        return f" (R {', '.join(sorted(needed))})" if needed else ""


def find_closure(
    roots: Iterable[Root], *, debian: Mapping[str, DebianPackage], cran: CranSource, r_version: str
) -> Closure:
    """Find all packages that the roots need.

    A Debian package brings its own dependencies, so those are not looked at.

    Parameters
    ----------
    roots : Iterable[Root]
        What is declared.
    debian : Mapping[str, DebianPackage]
        By R name in lower case.
    cran : CranSource
        Asked only for what Debian lacks.
    r_version : str
        Debian's R: 4.5.0.

    Raises
    ------
    MirrorDownError
        CRAN is needed and cannot be asked.
    ValueError
        CRAN's answer cannot be read.
    """
    search = _Search(debian, cran, r_version)
    ordered = sorted(roots)
    for root in ordered:
        wish = _Wish(root.name, root.where, is_bioconductor=root.is_bioconductor)
        search.demand(wish, root.where, root.constraint)
    search.run()
    reached: dict[str, DebianPackage | Offer] = {}
    waiting = deque(root.name.lower() for root in ordered)
    while waiting:
        key = waiting.popleft()
        wish_of_key = search.wishes.get(key)
        if key in reached or wish_of_key is None or wish_of_key.choice is None:
            continue
        reached[key] = wish_of_key.choice
        if not isinstance(wish_of_key.choice, DebianPackage):
            waiting.extend(need.name.lower() for need in wish_of_key.choice.needs)
    return Closure(
        debian=tuple(choice for choice in reached.values() if isinstance(choice, DebianPackage)),
        cran={key: choice for key, choice in reached.items() if not isinstance(choice, DebianPackage)},
        problems=tuple(sorted(search.problems.values())),
        notices=tuple(sorted(search.notices.values())),
    )
