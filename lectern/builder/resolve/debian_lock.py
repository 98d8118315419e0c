"""Debian packages → exact versions, dependencies included, by apt's own solver on a copy of an image's state.

Runs in the builder's container: its apt sources are those of the image that is built.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lectern.builder.resolve.kept_answers import keep, read_kept
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Debian's stable archive changes a few times a week; security updates come within hours.
_LISTS_AGE_S = 3600
_TIMEOUT_S = 300
_SHOWN_LINES = 8

# `'http://…' r-base-core_4.5.0-3_amd64.deb 28412 SHA256:…`; an epoch's colon is written %3a.
_FETCHED = re.compile(r"^'\S+' (?P<name>[^_\s]+)_(?P<version>[^_\s]+)_[^_\s]+\.deb ", re.MULTILINE)


def lock_debian(names: Iterable[str], *, status: bytes, folder: Path) -> tuple[str, ...]:
    """Say which packages come into the image, each with its version.

    Parameters
    ----------
    names : Iterable[str]
        Debian packages that are asked for.
    status : bytes
        The image's /var/lib/dpkg/status: what is there already.
    folder : Path
        Where the archive's lists are kept, and what was answered while they were the same.

    Returns
    -------
    tuple[str, ...]
        ``name=version``, sorted.

    Raises
    ------
    ResolveError
        The archive does not answer, or apt finds no way to install them all.
    """
    wanted = sorted(set(names))
    if not wanted:
        return ()
    lists, state = folder / "apt-lists", folder / "dpkg-status"
    for made in (lists / "partial", folder / "apt-cache"):
        made.mkdir(parents=True, exist_ok=True)
    state.write_bytes(status)
    options = [
        *("-o", f"Dir::State::lists={lists}", "-o", f"Dir::State::status={state}"),
        *("-o", "Dir::State::extended_states=/dev/null", "-o", f"Dir::Cache={folder / 'apt-cache'}"),
        *("-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=true"),
    ]
    updated = _update(lists, options)
    # A second of apt's, in each push that changes another package.
    question = [updated, hashlib.sha256(status).hexdigest(), wanted]
    answer = folder / "apt-answer.json"
    if (kept := read_kept(answer)).get("question") == question:
        return tuple(kept["locked"])
    # What would be fetched is told five times sooner than what would be done.
    done = _apt([*options, "-qq", "--print-uris", "--no-install-recommends", "install", *wanted])
    if done.returncode:
        raise ResolveError(
            f"these packages cannot be installed together\n{_complaints(done)}",
            where="Debian",
            hint="take out one of those named above",
        )
    locked = tuple(sorted(f"{name}={unquote(version)}" for name, version in _FETCHED.findall(done.stdout)))
    keep(answer, {"question": question, "locked": locked})
    return locked


def _update(lists: Path, options: list[str]) -> float:
    """Have lists that are young enough; say when they were fetched."""
    mark = lists / "updated"
    if mark.exists() and time.time() - mark.stat().st_mtime < _LISTS_AGE_S:
        return mark.stat().st_mtime
    done = _apt([*options, "-o", "APT::Update::Error-Mode=any", "--quiet", "--quiet", "update"])
    if done.returncode:
        raise ResolveError(
            f"the archive does not answer\n{_complaints(done)}",
            where="Debian",
            hint="see that this machine is online; the mirror is that of the base image",
        )
    mark.touch()
    return mark.stat().st_mtime


def _apt(words: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["apt-get", *words], capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as problem:
        raise ResolveError(
            f"the archive did not answer within {_TIMEOUT_S} s", where="Debian", hint="try again later"
        ) from problem


def _complaints(done: subprocess.CompletedProcess[str]) -> str:
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    told = [line for line in said if line.startswith(("E:", " "))]
    return "\n".join((told or said)[-_SHOWN_LINES:])
