"""The fast resolver's second half: requirements for PyPI → exact releases with hashes, and a Python."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from lectern.builder.resolve import (
    direct_addresses,
    explain,
    requirement_lines,
    source_releases,
    stale_pins,
    torch_wheels,
    uv,
)
from lectern.builder.resolve.explain import Placed
from lectern.builder.resolve.python_version import (
    OFFERED,
    OWN,
    marker_environment,
    python_line,
)
from lectern.builder.resolve.refusals import CHOOSE_CONDA, Reason, RefusedError
from lectern.builder.resolve.simple_index import SimpleIndex
from lectern.builder.resolve.static_metadata import Metadata
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lectern.builder.declare.items import Requirement
    from lectern.builder.resolve.direct_addresses import Direct
    from lectern.builder.resolve.fast import Wanted


@dataclass(frozen=True)
class PythonLock:
    """What /opt/env will hold. Without an address of an index: the same on every machine."""

    python: str  # minor version, "3.13"
    requirements: str  # each release with the hashes of its files, as `uv pip sync --require-hashes` reads it
    direct: str  # git repositories at a commit, installed after them without dependencies
    sources: tuple[str, ...]  # names that have no wheel and are built while the image is
    needs_torch_index: bool  # wheels for processors come from PyTorch's own index
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """The declared requirements, read."""

    placed: tuple[Placed, ...]
    directs: tuple[Direct, ...]
    hashes: dict[str, tuple[frozenset[str], str]]  # what the author demands, and where
    python: str  # the line that names one, "" when there is none


@dataclass(frozen=True)
class _Answer:
    locked: tuple[uv.Locked, ...]
    notices: tuple[str, ...]


class _RefusedPythonError(Exception):
    """One Python does not do.

    `pythons` are the others that may, best first; `helpful` those that serve what any other serves.
    """

    def __init__(
        self,
        reasons: tuple[Reason, ...] | Callable[[], tuple[Reason, ...]],
        pythons: tuple[str, ...] = OFFERED,
        helpful: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__()
        self._given = reasons
        self.pythons = pythons
        self.helpful = pythons if helpful is None else helpful

    @property
    def count(self) -> int:
        """Say how many reasons there are."""
        return 1 if callable(self._given) else len(self._given)

    @functools.cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Give the reasons; to find them takes uv some tries, so only when somebody reads them."""
        return self._given() if callable(self._given) else self._given


@dataclass(frozen=True)
class _Sources:
    """Where answers come from."""

    cache: Path
    torch_index: str
    debian: frozenset[str]

    @property
    def uv_cache(self) -> Path:
        return self.cache / "uv"

    @functools.cached_property
    def index(self) -> SimpleIndex:
        """Give the index that uv asks, for what uv does not tell; most declarations never need it."""
        return find_index(self.cache)


def find_index(cache: Path) -> SimpleIndex:
    """Give the index that uv is configured to ask."""
    return SimpleIndex(uv.default_index(cache / "uv"), cache / "index")


def lock_requirements(wanted: Wanted, cache: Path, *, torch_index: str = "", newest: str = "") -> PythonLock:
    """Choose exact releases, on the best of the admitted Pythons.

    Parameters
    ----------
    wanted : Wanted
        What `fast.translate` gave.
    cache : Path
        Folder for uv's cache and the index's answers.
    torch_index : str
        Index of PyTorch's wheels for processors; without an answer from it, PyPI's are taken.
    newest : str
        Date (ISO): what was released after it does not count.

    Raises
    ------
    RefusedError
        Names all requirements that are in the way, and the smallest change that helps.
    ResolveError
        A source does not answer.
    """
    sources = _Sources(cache, torch_index, frozenset(wanted.debian))
    choice = wanted.python_choice
    try:
        asked, constraints = _read(wanted), _read_constraints(wanted.constraints)
    except RefusedError as problem:
        raise RefusedError([*choice.beside_others(), *problem.reasons]) from problem
    base = uv.Question(
        requirements=(),
        python="",
        constraints=constraints,
        absent=tuple(direct.name for direct in asked.directs),
        newest=newest,
        allows_prereleases=wanted.allows_prereleases,
    )

    def resolve(python: str, *, is_named: bool) -> _Answer:
        era = stale_pins.two_before(python) if is_named else python
        return _resolve(asked, replace(base, python=python), sources, era)

    if choice.refused:
        raise _refusal_of_python(choice.refused, choice.candidates, functools.partial(resolve, is_named=True))
    refused: dict[str, _RefusedPythonError] = {}
    for python in choice.candidates:
        if any(python not in problem.pythons for problem in refused.values()):
            continue
        try:
            answer = resolve(python, is_named=bool(choice.where))
        except _RefusedPythonError as problem:
            refused[python] = problem
            continue
        return _as_lock(answer, asked, python, refused)
    raise _refusal(refused, functools.partial(resolve, is_named=True), choice.where)


def _refusal(
    refused: dict[str, _RefusedPythonError], resolve: Callable[[str], object], named: str
) -> RefusedError:
    """Say what is in the way on the first Python, and try whether another one would do."""
    (_, problem), *others = refused.items()
    reasons = [*problem.reasons]
    for python, other in others:
        new = (reason for reason in other.reasons if reason.where not in {known.where for known in reasons})
        reasons += [replace(reason, what=f"on Python {python}: {reason.what}") for reason in new]
    for python in problem.pythons if problem.pythons != OFFERED else ():
        if python in refused:
            continue
        try:
            resolve(python)
        except _RefusedPythonError:
            continue
        line = python_line(python, named or reasons[0].where)
        return RefusedError(reasons, f"write {line}, where all is to be had")
    if problem.pythons == OFFERED:
        return RefusedError(reasons)
    return RefusedError(reasons, "" if len(reasons) == 1 else f"change each as it says; or {CHOOSE_CONDA}")


def _refusal_of_python(
    refused: Reason, instead: Sequence[str], resolve: Callable[[str], object]
) -> RefusedError:
    """Say which Python serves in place of one that cannot be had, or what is in the way on the best."""
    tried: dict[str, _RefusedPythonError] = {}
    for python in instead:
        if any(python not in problem.helpful for problem in tried.values()):
            continue
        try:
            resolve(python)
        except _RefusedPythonError as problem:
            tried[python] = problem
        except ResolveError:
            break  # a source does not answer, but what is known already is worth telling
        else:
            line = python_line(python, refused.where)
            return RefusedError(
                [replace(refused, hint=CHOOSE_CONDA)], f"write {line}, where all is to be had"
            )
    if not tried:
        return RefusedError([refused])
    best = min(tried, key=lambda python: tried[python].count)
    line = python_line(best, refused.where)
    others = [
        reason
        if f"Python {best}" in reason.what
        else replace(reason, what=f"on Python {best}: {reason.what}")
        for reason in tried[best].reasons
    ]
    advice = f"write {line} and change each as it says; or {CHOOSE_CONDA}"
    return RefusedError([replace(refused, hint=f"write {line}"), *others], advice)


def _read(wanted: Wanted) -> _Asked:
    placed: list[Placed] = []
    directs: list[Direct] = []
    reasons: list[Reason] = []
    hashes: dict[str, tuple[frozenset[str], str]] = {}
    for asked in wanted.requirements:
        if requirement_lines.is_direct(asked.line):
            found = direct_addresses.pin(asked)
            if isinstance(found, Reason):
                reasons.append(found)
            else:
                directs.append(found)
            continue
        parsed = requirement_lines.parse(asked)
        if isinstance(parsed, Reason):
            reasons.append(parsed)
            continue
        placed.append(Placed(parsed, asked.where))
        if digests := requirement_lines.split_hashes(asked.line)[1]:
            hashes[canonicalize_name(parsed.name)] = digests, asked.where
    if reasons:
        raise RefusedError(reasons)
    return _Asked(tuple(placed), tuple(directs), hashes, wanted.python_choice.where)


def _read_constraints(constraints: Sequence[Requirement]) -> tuple[str, ...]:
    read = [requirement_lines.parse(constraint) for constraint in constraints]
    if reasons := [one for one in read if isinstance(one, Reason)]:
        raise RefusedError(reasons)
    return tuple(str(one) for one in read)


def _resolve(asked: _Asked, question: uv.Question, sources: _Sources, era: str) -> _Answer:
    """Ask uv, again with source releases where wheels are missing, again with PyTorch's own index."""
    placed = tuple(one for one in asked.placed if _applies(one, question.python)) + tuple(
        Placed(Parsed(line), direct.where)
        for direct in asked.directs
        for line in direct.requires_on(question.python)
    )
    question = replace(question, requirements=tuple(str(one) for one in placed))
    notices: list[str] = []
    is_torch_known = False
    while True:
        if not is_torch_known and any(
            canonicalize_name(one.parsed.name) in torch_wheels.NAMES for one in placed
        ):
            is_torch_known, question = True, _with_torch(question, sources.torch_index, notices)
        try:
            locked = uv.compile_requirements(question, sources.uv_cache)
        except uv.NoSolutionError as problem:
            question = _with_source(question, str(problem), placed, sources, notices)
            continue
        if not is_torch_known and any(one.name in torch_wheels.NAMES for one in locked):
            is_torch_known, question = True, _with_torch(question, sources.torch_index, notices)
            if question.pages:
                continue
        stale = stale_pins.find_stale(
            placed,
            locked,
            stale_pins.Look(question, era, asked.python, lambda: sources.index, sources.uv_cache),
        )
        if stale:
            raise _RefusedPythonError(stale)
        return _Answer(locked, tuple(notices))


def _applies(placed: Placed, python: str) -> bool:
    marker = placed.parsed.marker
    return marker is None or marker.evaluate({**marker_environment(python), "extra": ""})


def _with_torch(question: uv.Question, torch_index: str, notices: list[str]) -> uv.Question:
    pages = torch_wheels.find_pages(torch_index)
    if torch_index and not pages:
        notices.append(torch_wheels.said_of_silence(torch_index))
    return replace(question, pages=pages)


def _with_source(
    question: uv.Question,
    said: str,
    placed: tuple[Placed, ...],
    sources: _Sources,
    notices: list[str],
) -> uv.Question:
    """Admit source releases where wheels are missing, or say why there is no solution."""
    known = {source.name for source in question.sources}
    others = [one for one in placed if canonicalize_name(one.parsed.name) not in known]
    blocked = explain.find_blocked(others, question.python, sources.index)
    names = [canonicalize_name(one.project) for one in blocked if not one.pythons]
    needing = source_releases.mentioned(placed, said)
    found = {
        name: source_releases.find_source(
            name, _named(placed, name) or needing, question.python, sources.index, sources.debian
        )
        for name in dict.fromkeys((*names, *source_releases.names_without_wheel(said)))
        if name not in known
    }
    unusable = [one for one in found.values() if isinstance(one, explain.Blocked)]
    remaining = [one for one in blocked if not found.get(canonicalize_name(one.project))]
    if unusable or remaining:
        refused = (*unusable, *remaining)
        reasons = tuple(one.reason for one in refused)
        raise _RefusedPythonError(
            reasons,
            explain.common_pythons(refused),
            explain.common_pythons([one for one in refused if one.pythons]),
        )
    if admitted := tuple(one for one in found.values() if isinstance(one, Metadata)):
        notices += [
            f"{one.name} {one.version} has no wheel: it is built from source while the image is"
            for one in admitted
        ]
        return replace(question, sources=(*question.sources, *admitted))

    def fits(others: Sequence[Placed]) -> bool:
        lines = tuple(str(one) for one in others)
        try:
            uv.compile_requirements(replace(question, requirements=lines), sources.uv_cache)
        except uv.NoSolutionError:
            return False
        return True

    raise _RefusedPythonError(lambda: (explain.find_conflict(placed, said, fits),))


def _named(placed: Sequence[Placed], name: str) -> list[Placed]:
    return [one for one in placed if canonicalize_name(one.parsed.name) == name]


def _as_lock(
    answer: _Answer, asked: _Asked, python: str, refused: dict[str, _RefusedPythonError]
) -> PythonLock:
    lines, tampered = [], []
    for one in answer.locked:
        demanded, where = asked.hashes.get(one.name, (frozenset(one.hashes), ""))
        if demanded.isdisjoint(one.hashes):
            what = f"`{one.name}` {one.version} has none of the hashes beside it"
            tampered.append(Reason(where, what, "write its new hashes, or none"))
        lines.append(_lock_line(f"{one.name}=={one.version}", one.hashes))
    if tampered:
        raise RefusedError(tampered)
    lines += [_lock_line(direct.line, (direct.sha256,)) for direct in asked.directs if direct.sha256]
    notices = [*answer.notices, *(direct.notice for direct in asked.directs if direct.notice)]
    if refused:
        first, problem = next(iter(refused.items()))
        reasons = "; ".join(f"{reason.where}: {reason.what}" for reason in problem.reasons)
        notices.insert(0, f"Python {python} was chosen, because it cannot be {first}: {reasons}")
    elif python != OWN:
        notices.insert(0, f"Python {python} is downloaded, Debian's own is {OWN}")
    return PythonLock(
        python,
        "\n".join(sorted(lines)) + "\n",
        "".join(
            f"{direct.line}\n"
            for direct in sorted(asked.directs, key=lambda direct: direct.name)
            if not direct.sha256
        ),
        tuple(one.name for one in answer.locked if one.is_source),
        any(one.name in torch_wheels.NAMES and "+" in one.version for one in answer.locked),
        tuple(notices),
    )


def _lock_line(release: str, hashes: tuple[str, ...]) -> str:
    return " \\\n    ".join([release, *(f"--hash=sha256:{digest}" for digest in hashes)])
