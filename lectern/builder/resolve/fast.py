"""The fast resolver: Python from PyPI by uv, R and system packages from Debian. Seconds, no conda."""

from __future__ import annotations

import csv
import difflib
import functools
import re
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lectern.errors import ResolveError

if TYPE_CHECKING:
    from pathlib import Path

    from lectern.builder.declaration import CondaSpec, Declaration

#: Debian trixie's own Python, which /opt/env is made from.
PYTHON = "3.13"
# Which patch release it is, is Debian's affair: a declaration fits when it admits any of them.
_PATCH_RELEASES = tuple(f"{PYTHON}.{patch}" for patch in range(100))

_FROM_PYPI = {"pypi-same", "pypi-other", "renamed", "platform"}
_FROM_DEBIAN = {"debian", "R-debian"}
_WITHOUT_EFFECT = {"ignore", "ignore-notice", "c-lib-ignore"}
_CHANNELS = {"", "conda-forge", "defaults"}
_OPERATOR = re.compile(r"(<=|>=|==|!=|~=|<|>|=)?\s*([\w.*+!-]+)")


@dataclass(frozen=True)
class Wanted:
    """A declaration in the words of the two sources. Sorted, so that order never matters."""

    python: tuple[str, ...]  # requirements as uv takes them
    debian: tuple[str, ...]  # package names

    @property
    def has_r(self) -> bool:
        """Say whether R is part of it."""
        return any(name.startswith("r-") for name in self.debian)


@dataclass(frozen=True)
class _Row:
    pypi: str
    debian: str
    kind: str


@functools.cache
def _table() -> dict[str, _Row]:
    text = files("lectern.builder.resolve").joinpath("conda_names.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["conda_name"]: _Row(row["pypi_name"], row["debian_package"], row["kind"]) for row in rows}


def translate(declaration: Declaration) -> Wanted:
    """Say where each item comes from.

    Raises
    ------
    ResolveError
        An item is known to neither source, or pinned where only one version exists. No name is ever
        guessed: conda's `graphviz` is a program, PyPI's is a binding.
    """
    python = {"ipykernel"}
    debian = {item.name for item in declaration.apt}
    for item in declaration.conda:
        if item.name == "python":
            _require_own_python(item)
            continue
        if item.channel not in _CHANNELS:
            raise ResolveError(
                f"`{item}` names the channel {item.channel}",
                where=item.where,
                hint="only conda-forge's names are known",
            )
        row = _table().get(item.name)
        kind = row.kind if row else ""
        if row and kind in _FROM_PYPI:
            extras = f"[{','.join(item.extras)}]" if item.extras else ""
            python.add(row.pypi + extras + pep440(item))
        elif row and kind in _FROM_DEBIAN:
            if item.version:
                raise ResolveError(
                    f"`{item.name}{item.version}`: R and system packages have Debian's one version",
                    where=item.where,
                    hint=f"write `- {item.name}`",
                )
            debian.add(row.debian)
        elif kind not in _WITHOUT_EFFECT:
            raise _unknown(item, kind)
    python.update(requirement.line for requirement in declaration.requirements)
    if any(name.startswith("r-") for name in debian):
        debian |= {"r-base-core", "r-cran-irkernel"}
    return Wanted(tuple(sorted(python)), tuple(sorted(debian)))


def _require_own_python(item: CondaSpec) -> None:
    try:
        wanted = SpecifierSet(pep440(item))
    except InvalidSpecifier as problem:
        raise ResolveError(
            f"`{item.version}` is no version", where=item.where, hint=f"write `- python={PYTHON}`"
        ) from problem
    if not any(wanted.filter(_PATCH_RELEASES)):
        raise ResolveError(
            f"`python{item.version}`: this installation has Python {PYTHON}",
            where=item.where,
            hint=f"write `- python={PYTHON}`, or leave the line out",
        )


def _unknown(item: CondaSpec, kind: str) -> ResolveError:
    if kind:
        return ResolveError(
            f"`{item.name}` exists neither on PyPI nor in Debian ({kind})",
            where=item.where,
            hint="leave it out, or put a PyPI package that does the same under `pip:`",
        )
    near = difflib.get_close_matches(item.name, _table(), n=1, cutoff=0.75)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return ResolveError(
        f"no package `{item.name}` is known",
        where=item.where,
        hint=f"{guess}a package of PyPI that is missing here goes under `pip:`",
    )


def pep440(item: CondaSpec) -> str:
    """Write a conda version as PyPI's tools read it.

    Raises
    ------
    ResolveError
        The version has a build string or an alternative, which only conda can honour.
    """
    text = item.version.strip()
    if not text and not item.build:
        return ""
    if item.build or "|" in text or re.fullmatch(r"={1,2}[^=,<>]+=.*", text):
        raise ResolveError(
            f"`{item}` has a build string or alternatives, which only conda can honour",
            where=item.where,
            hint=f"write one version, such as `- {item.name}=1.2`",
        )
    parts = []
    for part in text.split(","):
        match = _OPERATOR.fullmatch(part.strip())
        if not match:
            raise ResolveError(
                f"`{item.version}` is no version", where=item.where, hint=f"write `- {item.name}=1.2`"
            )
        operator, version = match[1] or "=", match[2]
        if operator == "=":
            is_exact = version.endswith("*") or re.search(r"[a-z]", version)
            parts.append(f"=={version}" if is_exact else f"=={version}.*")
        else:
            parts.append(operator + version)
    return ",".join(sorted(parts))


def lock_python(wanted: Wanted, folder: Path) -> str:
    """Resolve the Python part with uv; the lock of an unchanged list is used again.

    Parameters
    ----------
    wanted : Wanted
        What to resolve.
    folder : Path
        Where the environment's lock is kept.

    Returns
    -------
    str
        A requirements file with a hash for each artefact.

    Raises
    ------
    ResolveError
        No set of versions fits; has uv's explanation.
    """
    asked, lock = folder / "python.in", folder / "python.lock"
    text = "\n".join(wanted.python) + "\n"
    if lock.exists() and asked.exists() and asked.read_text(encoding="utf-8") == text:
        return lock.read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *("uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"),
            *(
                "--python-version",
                PYTHON,
                "--only-binary",
                ":all:",
                "--cache-dir",
                str(folder.parent / "uv-cache"),
                "-",
            ),
        ],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ResolveError(
            f"no set of versions fits\n{done.stderr.strip()}",
            where="PyPI",
            hint="loosen one of the pins named above",
        )
    lock.write_text(done.stdout, encoding="utf-8")
    asked.write_text(text, encoding="utf-8")
    return done.stdout
