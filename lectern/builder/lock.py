"""Everything that was chosen for an environment, exactly: what its image is built from.

A lock knows no address, so it serves on every machine. It answers one declaration on one notebook image:
as long as both stay, the next build honours it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from lectern.builder.resolve.conda import CondaLock  # noqa: TC001 - pydantic reads the types
from lectern.builder.resolve.julia import JuliaLock  # noqa: TC001
from lectern.builder.resolve.python_lock import PythonLock  # noqa: TC001
from lectern.builder.resolve.r_lock import RLock
from lectern.errors import LecternError

if TYPE_CHECKING:
    from lectern.builder.declaration import Declaration

#: Raised when a lock of before would be read wrongly, or resolving changed so that it ought to be made anew.
_FORM = 1


class NotALockError(LecternError):
    """A text is no lock."""


@dataclass(frozen=True)
class Lock:
    """What an environment's image is built from."""

    asked: str  # fingerprint of the declaration that this answers
    base: str  # the notebook image, name:tag
    debian: tuple[str, ...]  # "name=version", dependencies included, what the base has left out
    python: PythonLock | None = None
    conda: CondaLock | None = None
    pip: str = ""  # what PyPI adds to conda's packages, with hashes
    r: RLock = field(default_factory=RLock)
    julia: JuliaLock | None = None
    languages: tuple[str, ...] = ()  # of the catalogue
    local: tuple[str, ...] = ()  # folders of the repo that are Python projects
    python_imports: tuple[str, ...] = ()  # Python packages that the declaration lists, to be tried
    r_imports: tuple[str, ...] = ()  # the same of R
    notices: tuple[str, ...] = ()

    def has_debian(self, package: str) -> bool:
        """Say whether a Debian package comes into the image."""
        return any(entry.startswith(f"{package}=") for entry in self.debian)

    def to_json(self) -> str:
        """Write it as the file `lectern.lock`."""
        return _FORM_OF_LOCK.dump_json(self, indent=1).decode() + "\n"


_FORM_OF_LOCK = TypeAdapter(Lock)


def read_lock(text: str | bytes, *, where: str) -> Lock:
    """Read the file `lectern.lock`.

    Raises
    ------
    NotALockError
        It is none, or one of another version of Lectern.
    """
    try:
        return _FORM_OF_LOCK.validate_json(text)
    except ValidationError as problem:
        raise NotALockError(
            f"is no lock that can be read ({problem.errors()[0]['msg']})",
            where=where,
            hint="remove it: the next build makes one",
        ) from problem


def fingerprint(declaration: Declaration, *, resolver: str) -> str:
    """Give the hash of what a declaration asks to be installed: where it says so does not count."""
    asked = asdict(declaration)
    for without in (
        "commit",
        "notices",
        "texts",
        "templates",
        "check",
        "needs_network",
        "prefix",
        "resolver",
    ):
        del asked[without]
    return hashlib.sha256(
        json.dumps([_FORM, resolver, _placeless(asked)], sort_keys=True, default=str).encode()
    ).hexdigest()


def _placeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: _placeless(part) for name, part in value.items() if name != "where"}
    if isinstance(value, list | tuple):
        return [_placeless(part) for part in value]
    return value
