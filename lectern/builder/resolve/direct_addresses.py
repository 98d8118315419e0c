"""Requirements that name an address: git repositories are pinned to a commit, files to a hash."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit, urlunsplit

import requests
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from lectern.builder.resolve import simple_index
from lectern.builder.resolve.python_version import marker_environment
from lectern.builder.resolve.refusals import Reason
from lectern.builder.resolve.static_metadata import Metadata, UnknownMetadataError, read_archive

if TYPE_CHECKING:
    from lectern.builder.declare.items import Requirement

_TIMEOUT_S = 120
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ADDRESS = re.compile(
    r"(?:(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<extras>\[[\w,. -]*\])?\s*@\s*)?(?P<address>[^\s;]+)", re.ASCII
)
_FOLDER = re.compile(r"(?:[\w-][\w.-]*/?)*", re.ASCII)
_EGG = re.compile(r"[\w.\[\],-]*", re.ASCII)
#: Only what needs no key, and nothing that runs a program of the caller's choice (`ext::`, `file:`).
_GIT = (
    *(
        "git",
        "-c",
        "protocol.allow=never",
        "-c",
        "protocol.https.allow=always",
        "-c",
        "protocol.http.allow=always",
    ),
    *(
        "-c",
        "credential.helper=",
        "-c",
        "core.askPass=true",
        "-c",
        "http.lowSpeedLimit=1000",
        "-c",
        "http.lowSpeedTime=20",
    ),
)


@dataclass(frozen=True)
class Direct:
    """A package at an address, with its content pinned."""

    name: str
    line: str  # what installs exactly this
    sha256: str  # of the file; "" for a git repository, whose commit is its hash
    metadata: Metadata
    extras: frozenset[str]
    where: str
    notice: str = ""

    def requires_on(self, python: str) -> tuple[str, ...]:
        """Give what it needs on one Python, without conditions."""
        machine = marker_environment(python)
        needed = []
        for line in self.metadata.requires:
            parsed = Parsed(line)
            marker, parsed.marker = parsed.marker, None
            if marker is None or any(
                marker.evaluate({**machine, "extra": extra}) for extra in ("", *self.extras)
            ):
                needed.append(str(parsed))
        return tuple(needed)


def pin(asked: Requirement) -> Direct | Reason:
    """Fetch what an address has now, and pin it.

    Returns
    -------
    Direct
        What it is, its commit or hash, and what it needs.
    Reason
        Why it cannot be used.

    Raises
    ------
    ResolveError
        The address does not answer.
    """
    match = _ADDRESS.fullmatch(asked.line.strip())
    if not match:
        return Reason(
            asked.where,
            f"`{asked.line[:120]}` is no address that stands by itself",
            "write `name @ git+https://…@COMMIT`, without conditions and options",
        )
    address = match["address"]
    url, _, fragment = address.partition("#")
    facts = {key: values[0] for key, values in parse_qs(fragment).items()}
    # Decoded text: what it may hold is written down again in a lock.
    if not _FOLDER.fullmatch(facts.get("subdirectory", "")) or not _EGG.fullmatch(facts.get("egg", "")):
        return Reason(
            asked.where, f"`{fragment[:80]}` is no place in a repository", "write `#subdirectory=folder`"
        )
    name = match["name"] or facts.get("egg", "").partition("[")[0]
    own = frozenset(
        extra.strip() for extra in (match["extras"] or "").strip("[]").split(",") if extra.strip()
    )
    if url.startswith("git+"):
        return _pin_git(asked, name, own, url.removeprefix("git+"), facts.get("subdirectory", ""))
    if url.startswith(("http://", "https://")):
        return _pin_file(asked, name, own, url, facts)
    return Reason(
        asked.where,
        f"`{asked.line[:80]}` is a path",
        "the repo's own code is imported from the repo; give a package of yours by its git address",
    )


def _pin_git(
    asked: Requirement, name: str, extras: frozenset[str], url: str, subdirectory: str
) -> Direct | Reason:
    if not shutil.which("git"):
        return Reason(asked.where, f"`{asked.line[:120]}` needs git, which is not here", "install git")
    if "/tree/" in url or "/blob/" in url:
        repository, _, branch = re.sub("/blob/", "/tree/", url).partition("/tree/")
        return Reason(
            asked.where,
            f"`{asked.line[:120]}` is the address of a page, not of a repository",
            f"write `git+{repository}@{branch.partition('/')[0] or 'COMMIT'}`",
        )
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"}:
        return Reason(asked.where, f"`{asked.line[:120]}` needs a key", "write it with `git+https://`")
    path, _, ref = parts.path.partition("@")
    repository = urlunsplit(parts._replace(path=path))
    try:
        commit = ref if _COMMIT.fullmatch(ref) else _look_up(repository, ref)
        metadata = read_archive(_fetch_commit(repository, commit), subdirectory)
    except subprocess.SubprocessError:
        return Reason(
            asked.where,
            f"`{simple_index.without_password(repository)}` does not answer, or has no `{ref or 'HEAD'}`",
            "see that the repository is public and the name right; a commit is written in full (40 digits)",
        )
    except UnknownMetadataError as problem:
        return _unknown(asked, problem)
    suffix = f"#subdirectory={subdirectory}" if subdirectory else ""
    moving = f"`{ref}`" if ref else "the default branch"
    notice = (
        f"{asked.where}: {moving} of {repository} moves; locked to commit {commit[:12]}"
        if ref != commit
        else ""
    )
    name = canonicalize_name(name or metadata.name)
    return Direct(
        name, f"{name} @ git+{repository}@{commit}{suffix}", "", metadata, extras, asked.where, notice
    )


def _pin_file(
    asked: Requirement, name: str, extras: frozenset[str], url: str, facts: dict[str, str]
) -> Direct | Reason:
    digest = facts.get("sha256", "")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return Reason(
            asked.where,
            f"`{asked.line[:120]}` may hold something else tomorrow",
            "add its hash, `#sha256=…` (`sha256sum FILE` tells it), or name a release on PyPI",
        )
    try:
        with requests.Session() as session:
            metadata = read_archive(
                simple_index.download(session, url, digest), facts.get("subdirectory", "")
            )
    except UnknownMetadataError as problem:
        return _unknown(asked, problem)
    name = canonicalize_name(name or metadata.name)
    return Direct(name, f"{name} @ {url}", digest, metadata, extras, asked.where)


def _unknown(asked: Requirement, problem: UnknownMetadataError) -> Reason:
    return Reason(
        asked.where,
        f"`{asked.line[:120]}` {problem}",
        "name a release on PyPI, or a commit whose pyproject.toml lists `dependencies`",
    )


def _look_up(repository: str, ref: str) -> str:
    wanted = ["HEAD"] if not ref else [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}", ref]
    done = subprocess.run(
        [*_GIT, "ls-remote", "--", repository, *wanted],
        capture_output=True, text=True, check=False, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),  # no repository's configuration has a say
    )  # fmt: skip
    found = {}
    for line in done.stdout.splitlines():
        commit, _, name = line.partition("\t")
        found[name] = commit
    # An annotated tag is an object of its own; `^{}` is the commit that it stands for.
    for name in reversed(wanted):
        if name in found:
            return found[name]
    raise subprocess.SubprocessError(done.stderr)


def _fetch_commit(repository: str, commit: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="lectern-git-") as folder:

        def git(*words: str) -> bytes:
            done = subprocess.run(
                [*_GIT, "-C", folder, *words],
                capture_output=True, check=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            return done.stdout

        git("init", "--quiet", "--bare", ".")
        try:
            git("fetch", "--quiet", "--depth", "1", "--", repository, commit)
        except subprocess.CalledProcessError:
            # A server that only serves files knows neither depth nor single commits.
            git("fetch", "--quiet", "--", repository, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
        return git("archive", "--format=tar", "--prefix=tree/", commit)
