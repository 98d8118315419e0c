"""An environment repo's files → Declaration, with file and line on each item. Pure but for reading files."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

from lectern.builder.declare.items import CondaSpec, Item, JuliaProject, Requirement
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

#: A hand-written list of packages has at most a few hundred lines; more is a mistake or an attack.
MAX_BYTES = 256 * 1024
MAX_ENTRIES = 2000
_MAX_DEPTH = 10

#: Folders that may hold the declaration, the first that exists wins (as on mybinder.org).
_FOLDERS = ("binder", ".binder", ".")

_SPEC = re.compile(
    r"(?:(?P<channel>[\w./:-]+)::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<version>[<>=!~ \d].*)?", re.ASCII
)
_PIP = re.compile(r"[A-Za-z0-9][\w.\[\],-]*\s*(?:[<>=!~;@].*)?", re.ASCII)
# apt-get reads `git-` as "remove git" and `git+` as "install git"; `g++` is a name.
_APT = re.compile(r"[a-z0-9][a-z0-9+.-]*(?:[a-z0-9]|\+\+)")


@dataclass(frozen=True)
class Declaration:
    """What an environment repo asks for."""

    conda: tuple[CondaSpec, ...] = ()  # environment.yml's entries, each name once, `python` included
    channels: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()  # for PyPI
    constraints: tuple[Requirement, ...] = ()  # `-c`: bounds for what is installed anyway
    options: tuple[Item, ...] = ()  # pip's: name "--extra-index-url", version the address
    local: tuple[Item, ...] = ()  # Python projects in the repo: name is the folder, version "editable" or ""
    python: Item | None = None  # version is a PEP 440 set ("==3.11.*"); None when any will do
    apt: tuple[Item, ...] = ()  # Debian packages
    r: tuple[Item, ...] = ()  # names of CRAN or Bioconductor
    r_snapshot: Item | None = None  # name is the date, version R's own or ""
    julia: JuliaProject | None = None
    kernels: tuple[Item, ...] = ()  # further languages, names of the catalogue
    resolver: str = ""  # "fast", "conda", or "": as the installation has it
    texts: dict[str, str] = field(default_factory=dict)  # files that are used as they are, by name
    templates: tuple[str, ...] = ()  # files of templates/, paths in the repo
    check: str = ""  # the instructor's own smoke test, path in the repo
    needs_network: bool = False  # the smoke test may use the network
    foreign: tuple[str, ...] = ()  # Dockerfile, default.nix: another tool's whole recipe
    prefix: str = ""  # environment.yml's `prefix:`: where an exported environment was
    commit: str = ""  # hash of the folder's content
    notices: tuple[str, ...] = ()

    @property
    def jupytext(self) -> str:
        """Give the text of jupytext.toml, or ""."""
        return self.texts.get("jupytext.toml", "")


def read_declaration(repo: Path) -> Declaration:
    """Read an environment repo.

    Raises
    ------
    DeclarationError
        A file cannot be used; names file and line. Or there is no declaration at all.
    """
    if not repo.is_dir():
        raise DeclarationError("is no folder", where=str(repo), hint="give the path of an environment repo")
    folder = next(repo / name for name in _FOLDERS if (repo / name).is_dir())
    conda, pip, notices = _read_environment_yml(repo, folder / "environment.yml")
    pip += tuple(
        Requirement(item.name, item.where)
        for item in _read_lines(repo, folder / "requirements.txt", _PIP, "a requirement such as `pandas>=2`")
    )
    apt = _read_lines(repo, folder / "apt.txt", _APT, "the name of a Debian package")
    if not (conda or pip or apt):
        raise DeclarationError(
            "declares nothing",
            where=repo.name,
            hint="add environment.yml; environments/data-literacy is an example",
        )
    jupytext = folder / "jupytext.toml"
    check = next((name for name in ("check.md", "check.ipynb", "check.py") if (repo / name).is_file()), "")
    return Declaration(
        conda=conda,
        requirements=pip,
        apt=apt,
        texts={jupytext.name: _read_text(repo, jupytext)} if _is_there(jupytext) else {},
        check=check,
        commit=content_hash(repo),
        notices=notices,
    )


def content_hash(repo: Path) -> str:
    """Give 12 hex digits that stand for the content of a folder: names and bytes, no times.

    A link counts as the text that it is: what lies outside of the repo is never read.

    Raises
    ------
    DeclarationError
        A file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(repo.rglob("*")):
        relative = path.relative_to(repo)
        if ".git" in relative.parts:
            continue
        try:
            if path.is_symlink():
                content = "@" + hashlib.sha256(bytes(path.readlink())).hexdigest()
            elif path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                continue
        except OSError as problem:
            raise _unreadable(problem, relative.as_posix()) from problem
        digest.update(f"{relative.as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:12]


def _is_there(path: Path) -> bool:
    """Say whether there is anything of that name, a link to nowhere included."""
    return path.is_symlink() or path.exists()


def _unreadable(problem: OSError, where: str) -> DeclarationError:
    return DeclarationError(
        f"cannot be read ({problem.strerror})", where=where, hint="see that it is there and yours to read"
    )


def _read_text(repo: Path, path: Path) -> str:
    where = path.name
    if not path.resolve().is_relative_to(repo.resolve()):
        raise DeclarationError(
            "is a link to outside of the repo", where=where, hint="put the file itself there"
        )
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DeclarationError("is no file", where=where, hint="put a text file there")
        if status.st_size > MAX_BYTES:
            raise DeclarationError(
                f"has {status.st_size} bytes, at most {MAX_BYTES} are read",
                where=where,
                hint="list only packages",
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise _unreadable(problem, where) from problem
    except UnicodeDecodeError as problem:
        raise DeclarationError(
            f"is no text (byte {problem.start})", where=where, hint="save it as UTF-8"
        ) from problem


def _read_lines(repo: Path, path: Path, form: re.Pattern[str], wanted: str) -> tuple[Item, ...]:
    if not _is_there(path):
        return ()
    items = []
    for number, line in enumerate(_read_text(repo, path).splitlines(), 1):
        text = line.split(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        where = f"{path.name}:{number}"
        if not form.fullmatch(text):
            raise DeclarationError(f"`{text[:80]}` cannot be used here", where=where, hint=f"write {wanted}")
        items.append(Item(text, "", where))
    return tuple(items)


def _read_environment_yml(
    repo: Path, path: Path
) -> tuple[tuple[CondaSpec, ...], tuple[Requirement, ...], tuple[str, ...]]:
    if not _is_there(path):
        return (), (), ()
    name = path.name
    document = _load_yaml(_read_text(repo, path), name)
    listed = document.get("dependencies")
    if not isinstance(listed, CommentedSeq):
        raise DeclarationError(
            "has no list `dependencies`", where=name, hint="environments/data-literacy is an example"
        )
    known = {"name", "channels", "dependencies"}
    unknown = [_shown(key) for key in document if key not in known]
    notices = (f"{name}: without effect here: {', '.join(unknown)}",) if unknown else ()
    conda: list[CondaSpec] = []
    pip: list[Requirement] = []
    for index, entry in enumerate(listed):
        where = f"{name}:{listed.lc.item(index)[0] + 1}"
        if (
            isinstance(entry, CommentedMap)
            and list(entry) == ["pip"]
            and isinstance(entry["pip"], CommentedSeq)
        ):
            pip += _pip_items(entry["pip"], name)
        elif isinstance(entry, str):
            conda.append(_conda_item(entry, where))
        else:
            raise DeclarationError(
                f"`{_shown(entry)}` is no package", where=where, hint="write `- name` or `- name=version`"
            )
    if len(conda) + len(pip) > MAX_ENTRIES:
        raise DeclarationError(
            f"has more than {MAX_ENTRIES} entries", where=name, hint="list only what is imported"
        )
    return tuple(conda), tuple(pip), notices


def _load_yaml(text: str, name: str) -> CommentedMap:
    try:
        _require_plain(text, name)
        document: Any = YAML(typ="rt").load(text)
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise DeclarationError(
            f"is no YAML ({problem.problem})",
            where=f"{name}:{line}",
            hint="compare indents and quotes with the lines above",
        ) from problem
    except (YAMLError, ValueError, RecursionError) as problem:
        raise DeclarationError(
            f"is no YAML ({str(problem)[:80]})", where=name, hint="save it as plain text"
        ) from problem
    if not isinstance(document, CommentedMap):
        raise DeclarationError(
            "has no list `dependencies`", where=name, hint="environments/data-literacy is an example"
        )
    return document


def _require_plain(text: str, name: str) -> None:
    """Refuse what makes a small file large or slow, before anything is made of it."""
    depth = 0
    for event in YAML(typ="rt").parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        where = f"{name}:{event.start_mark.line + 1}"
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise DeclarationError("has anchors or aliases", where=where, hint="write each entry out")
        if depth > _MAX_DEPTH:
            raise DeclarationError(
                "is nested too deeply", where=where, hint="write `- name` or `- name=version`"
            )


def _shown(value: object) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # a hexadecimal number of thousands of digits
        return "a number"


def _pip_items(listed: CommentedSeq, name: str) -> list[Requirement]:
    items = []
    for index, line in enumerate(listed):
        where = f"{name}:{listed.lc.item(index)[0] + 1}"
        if not isinstance(line, str) or not _PIP.fullmatch(line.strip()):
            raise DeclarationError(
                f"`{_shown(line)}` cannot be used here",
                where=where,
                hint="write a requirement such as `pandas>=2`",
            )
        items.append(Requirement(line.strip(), where))
    return items


def _conda_item(entry: str, where: str) -> CondaSpec:
    match = _SPEC.fullmatch(entry.split(" #", maxsplit=1)[0].strip())
    if not match:
        raise DeclarationError(
            f"`{entry[:80]}` is no package", where=where, hint="write `- name` or `- name=version`"
        )
    if match["channel"] not in {None, "conda-forge", "defaults"}:
        raise DeclarationError(
            f"`{entry[:80]}` names the channel {match['channel']}",
            where=where,
            hint="only conda-forge's names are known",
        )
    return CondaSpec(match["name"].lower(), (match["version"] or "").replace(" ", ""), where=where)
