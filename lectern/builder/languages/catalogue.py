"""The languages of the catalogue: a file of data for each, read and checked; pure but for reading those."""

from __future__ import annotations

import difflib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lectern.builder.languages.kernel.recipe import Recipe, make_recipe
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE = Path(__file__).parent

#: Where the kernel and the data of an image's languages lie in it.
INSTALLED = "/opt/lectern-kernel"
_KERNELSPECS = "/opt/env/share/jupyter/kernels"

_TEXTS = ("name", "language", "note", "extension", "mimetype", "codemirror", "pygments", "warm_up")
_LISTS = ("aliases", "debian", "pypi")
_TABLES = ("kernel", "ready_made", "wrap", "syntax", "hello", "state", "input", "error", "endless")


@dataclass(frozen=True)
class Language:
    """A language that an environment can ask for.

    Attributes
    ----------
    key : str
        What `kernels:` in lectern.yml calls it: the data file's name.
    name : str
        What people call it.
    language : str
        What kernelspecs, jupytext and highlighters call it.
    debian, pypi : tuple[str, ...]
        Packages that it needs.
    size_mb : int
        What it adds to the notebook image when it comes alone.
    kernelspec : str
        Name of its kernelspec.
    argv : tuple[str, ...]
        What starts its kernel; the program is a full path, as the server would look a bare `python` up
        in its own folder.
    recipe : Recipe | None
        How our kernel runs it; None for a ready-made kernel.
    hello, prints : str
        The program that shows that it works, and what that prints.
    keeps_state : bool
        Whether a cell sees what an earlier one defined.
    warm_up : str
        Command that makes later starts faster, run once as root while the image is built.
    """

    key: str
    name: str
    language: str
    aliases: tuple[str, ...]
    debian: tuple[str, ...]
    pypi: tuple[str, ...]
    size_mb: int
    note: str
    kernelspec: str
    argv: tuple[str, ...]
    recipe: Recipe | None
    hello: str
    prints: str
    keeps_state: bool
    warm_up: str


@cache
def read_catalogue() -> dict[str, Language]:
    """Read all data files.

    Returns
    -------
    dict[str, Language]
        By key, in alphabetical order.

    Raises
    ------
    ValueError
        A file cannot be used; names file and key.
    """
    return {path.stem: _read(path) for path in sorted(_HERE.glob("*.toml"))}


def find_language(name: str, *, where: str) -> Language:
    """Give the language that a teacher's word means: its key, its name or an alias, in any case.

    Raises
    ------
    DeclarationError
        There is none; the hint has the nearest names.
    """
    catalogue = read_catalogue()
    known: dict[str, str] = {}
    for key, language in catalogue.items():
        for word in (key, language.name, language.kernelspec, *language.aliases):
            known.setdefault(word.lower(), key)
    wanted = name.strip().lower()
    if wanted in catalogue:
        return catalogue[wanted]
    if wanted in known:
        return catalogue[known[wanted]]
    near = dict.fromkeys(known[word] for word in difflib.get_close_matches(wanted, known, n=3, cutoff=0.6))
    guess = f"did you mean {' or '.join(f'`{key}`' for key in near)}? " if near else ""
    raise DeclarationError(
        f"no language `{name}` in the catalogue",
        where=where,
        hint=f"{guess}`scripts/lectern languages` lists all",
    )


def debian_packages(languages: Iterable[Language]) -> tuple[str, ...]:
    """Give the Debian packages that languages need, each once."""
    return tuple(sorted({package for language in languages for package in language.debian}))


def requirements(languages: Iterable[Language]) -> tuple[str, ...]:
    """Give the requirements for PyPI that languages need in /opt/env, each once."""
    return tuple(sorted({line for language in languages for line in language.pypi}))


def kernelspec(language: Language) -> dict[str, Any]:
    """Give a language's kernelspec, as kernel.json holds it."""
    return {
        "argv": list(language.argv),
        "display_name": language.name,
        "language": language.language,
        "interrupt_mode": "signal",
        "metadata": {},
    }


def bundle(languages: Iterable[Language]) -> str:
    """Give all that the step install-languages.bash writes: JSON of files, by absolute path, and commands.

    Equal languages give an equal text, so that the build's cache holds.
    """
    chosen = sorted(languages, key=lambda language: language.key)
    files = {
        f"{_KERNELSPECS}/{language.kernelspec}/kernel.json": json.dumps(kernelspec(language), indent=1) + "\n"
        for language in chosen
    }
    parts = [path for language in chosen for path in (_HERE / f"{language.key}.toml", *_loops(language.key))]
    if any(language.recipe for language in chosen):
        parts += [_HERE / "__main__.py", *sorted((_HERE / "kernel").glob("*.py"))]
    for path in parts:
        files[f"{INSTALLED}/{path.relative_to(_HERE).as_posix()}"] = path.read_text(encoding="utf-8")
    commands = [language.warm_up for language in chosen if language.warm_up]
    return json.dumps({"files": files, "commands": commands}, indent=1, sort_keys=True) + "\n"


def _loops(key: str) -> list[Path]:
    return sorted(_HERE.glob(f"{key}.loop.*"))


def _read(path: Path) -> Language:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    _require_known_keys(data, path)
    ready_made = data.get("ready_made")
    if ("kernel" in data) == (ready_made is not None):
        raise ValueError(f"{path.name}: needs either [kernel] or [ready_made]")
    recipe = make_recipe(data, path) if "kernel" in data else None
    own = ("/opt/jupyter/bin/python", "-Es", INSTALLED, path.stem, "-f", "{connection_file}")
    return Language(
        key=path.stem,
        name=data["name"],
        language=data.get("language", path.stem),
        aliases=tuple(data.get("aliases", ())),
        debian=tuple(data.get("debian", ())),
        pypi=tuple(data.get("pypi", ())),
        size_mb=data["size_mb"],
        note=data.get("note", ""),
        kernelspec=ready_made["kernelspec"] if ready_made else path.stem,
        argv=tuple(ready_made["argv"]) if ready_made else own,
        recipe=recipe,
        hello=data["hello"]["code"],
        prints=data["hello"]["prints"],
        keeps_state="state" in data,
        warm_up=data.get("warm_up", ""),
    )


def _require_known_keys(data: dict[str, Any], path: Path) -> None:
    kinds: dict[str, type] = {
        **dict.fromkeys(_TEXTS, str),
        **dict.fromkeys(_LISTS, list),
        **dict.fromkeys(_TABLES, dict),
        "size_mb": int,
    }
    for key, value in data.items():
        if key not in kinds or not isinstance(value, kinds[key]):
            raise ValueError(f"{path.name}: `{key}` is unknown or of the wrong kind")
