"""The fast resolver in one call: a declaration and the material beside it → what exactly is installed."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.resolve import debian, exports
from lectern.builder.resolve.conda_words import in_conda_words
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.imports import imported_modules
from lectern.builder.resolve.python_lock import PythonLock, find_index, lock_requirements
from lectern.builder.resolve.refusals import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from lectern.builder.declaration import Declaration
    from lectern.builder.declare.items import Item
    from lectern.builder.resolve.simple_index import SimpleIndex


@dataclass(frozen=True)
class FastLock:
    """What the fast resolver chose. R packages that Debian lacks are CRAN's to resolve."""

    python: PythonLock
    debian: tuple[str, ...]
    r: tuple[Item, ...]
    notices: tuple[str, ...]


def resolve(
    declaration: Declaration,
    repo: Path,
    cache: Path,
    *,
    torch_index: str = "",
    apt_sources: Path = debian.SOURCES,
    newest: str = "",
) -> FastLock:
    """Resolve a declaration.

    Parameters
    ----------
    declaration : Declaration
        What the repo asks for.
    repo : Path
        The repo: what its material imports tells where unknown names belong.
    cache : Path
        Folder that is kept between calls: package lists, the index's answers, uv's cache.
    torch_index : str
        Index of PyTorch's wheels for processors.
    apt_sources : Path
        Folder of apt's sources; without sources of trixie in it, Debian names are not looked up.
    newest : str
        Date (ISO): what was released on PyPI after it does not count.

    Raises
    ------
    RefusedError
        Names all entries that cannot be had, and the smallest change that helps.
    ResolveError
        A source does not answer.
    """
    imports = imported_modules(repo)
    if exports.is_export(declaration):
        needed = frozenset() if imports else exports.find_needed(declaration, find_index(cache), cache / "uv")
        raise exports.refuse_export(declaration, imports, needed)
    lists = debian.find_lists(apt_sources)
    archive = debian.read_archive(lists, cache / "debian") if lists else None
    index = find_index(cache)
    wanted = translate(declaration, archive, imports, functools.partial(_is_on_pypi, index))
    unchecked: tuple[str, ...] = ()
    if wanted.debian and not archive:
        names = ", ".join(wanted.debian)
        unchecked = (f"no package lists of Debian {debian.RELEASE} here: not looked up were {names}",)
    try:
        python = lock_requirements(wanted, cache, torch_index=torch_index, newest=newest)
    except RefusedError as refused:
        raise in_conda_words(refused, wanted) from refused
    return FastLock(python, wanted.debian, wanted.r, (*wanted.notices, *unchecked, *python.notices))


def _is_on_pypi(index: SimpleIndex, name: str) -> bool:
    """Say whether a project has a release that was not withdrawn."""
    return any(not file.is_yanked for file in index.find_files(name) or ())
