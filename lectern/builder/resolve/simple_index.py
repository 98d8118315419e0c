"""What a package index has: files of a project, their Pythons and dates (PEPs 503, 691 and 700)."""

from __future__ import annotations

import hashlib
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

import click
import requests
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from lectern.builder.resolve.kept_answers import keep, read_kept
from lectern.builder.resolve.static_metadata import Metadata, UnknownMetadataError, read_archive
from lectern.errors import ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from packaging.tags import Tag
    from packaging.version import Version

_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT_S = (5, 30)
_AT_ONCE = 8
#: The largest file of any address that is looked into.
MAX_BYTES = 50 * 1024 * 1024
#: The largest of the index's own releases: pyspark's has 280 to 460 MB, most of it Java.
MAX_RELEASE_BYTES = 500 * 1024 * 1024
#: After each of these somebody who waits is told how far it is.
_TOLD_EVERY_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class File:
    """One file of a project."""

    name: str
    url: str
    sha256: str = ""
    requires_python: str = ""
    is_yanked: bool = False
    uploaded: str = ""  # date and time, ISO 8601; "" when the index does not tell

    @property
    def is_wheel(self) -> bool:
        """Say whether it can be installed without running code of its own."""
        return self.name.endswith(".whl")

    @property
    def version(self) -> Version | None:
        """Give its version, or None when its name is not one of a release."""
        try:
            return (parse_wheel_filename if self.is_wheel else parse_sdist_filename)(self.name)[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None

    @property
    def tags(self) -> frozenset[Tag]:
        """Give the Pythons and machines that a wheel is for."""
        return frozenset(parse_wheel_filename(self.name)[3])


class SimpleIndex:
    """A package index, asked once for each project in its life; answers are kept and revalidated.

    Parameters
    ----------
    url : str
        Address of the index, as package installers take it.
    cache : Path
        Folder for answers; made when it is not there.
    """

    def __init__(self, url: str, cache: Path) -> None:
        self._url = url.rstrip("/")
        self._cache = cache
        self._session = requests.Session()
        self._known: dict[str, tuple[File, ...] | None] = {}

    def find_files(self, project: str) -> tuple[File, ...] | None:
        """Give the files of a project, or None when the index has no such project.

        Raises
        ------
        ResolveError
            The index does not answer.
        """
        name = canonicalize_name(project)
        if name not in self._known:
            self._known[name] = self._ask(name)
        return self._known[name]

    def find_all(self, projects: Iterable[str]) -> dict[str, tuple[File, ...] | None]:
        """Give the files of several projects, asked for side by side."""
        names = list(dict.fromkeys(projects))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(self.find_files, names), strict=True))

    def read_metadata(self, file: File) -> Metadata:
        """Say what a release needs, from its file; a large one is read once.

        Raises
        ------
        UnknownMetadataError
            The file does not say, or is too large to be looked into.
        ResolveError
            It cannot be had, or is not what the index says.
        """
        kept = self._cache / "releases" / f"{file.sha256}.json"
        if known := read_kept(kept):
            return Metadata(**known | {key: tuple(known[key]) for key in ("requires", "extras")})
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._cache) as content:
            try:
                for part in _parts(self._session, file.url, file.sha256, MAX_RELEASE_BYTES):
                    content.write(part)
            except _TooLargeError as problem:
                raise UnknownMetadataError(str(problem)) from problem
            is_large = content.tell() > MAX_BYTES
            content.seek(0)
            found = read_archive(content)
        if file.sha256 and is_large:
            keep(kept, asdict(found))
        return found

    def _ask(self, name: str) -> tuple[File, ...] | None:
        kept = self._cache / f"{name}.json"
        headers = {"Accept": f"{_JSON}, text/html;q=0.1"}
        old = read_kept(kept)
        if old.get("index") == self._url:
            headers["If-None-Match"] = old["etag"]
        address = f"{self._url}/{name}/"
        try:
            answer = self._session.get(address, headers=headers, timeout=_TIMEOUT_S)
            if answer.status_code == requests.codes.not_found:
                return None
            answer.raise_for_status()
        except requests.RequestException as problem:
            raise unreachable(self._url, problem) from problem
        if answer.status_code == requests.codes.not_modified:
            return tuple(File(**file) for file in old["files"])
        files = _read_answer(answer)
        if etag := answer.headers.get("ETag", ""):
            keep(kept, {"index": self._url, "etag": etag, "files": [asdict(file) for file in files]})
        return files


def download(session: requests.Session, url: str, sha256: str) -> bytes:
    """Fetch what an address has and compare its hash.

    Raises
    ------
    ResolveError
        It cannot be had, is larger than `MAX_BYTES`, or has another hash.
    """
    try:
        return b"".join(_parts(session, url, sha256, MAX_BYTES))
    except _TooLargeError as problem:
        raise ResolveError(
            str(problem), where=without_password(url), hint="name a release on PyPI instead"
        ) from problem


class _TooLargeError(Exception):
    """A file has more bytes than are read; the text says how many those are."""


def _parts(session: requests.Session, url: str, sha256: str, most_bytes: int) -> Iterator[bytes]:
    """Give a file's content as it comes, and compare its hash at the end."""
    digest, size, told = hashlib.sha256(), 0, 0
    try:
        with session.get(url, timeout=_TIMEOUT_S, stream=True) as answer:
            answer.raise_for_status()
            for part in answer.iter_content(1 << 16):
                digest.update(part)
                size += len(part)
                if size > most_bytes:
                    raise _TooLargeError(f"has more than {most_bytes >> 20} MB")
                if size // _TOLD_EVERY_BYTES > told:
                    told = size // _TOLD_EVERY_BYTES
                    name = urlsplit(url).path.rpartition("/")[2]
                    click.echo(f"    {name} is read for what it needs: {size >> 20} MB …", err=True)
                yield part
    except requests.RequestException as problem:
        raise unreachable(url, problem) from problem
    if sha256 and digest.hexdigest() != sha256:
        raise ResolveError(
            f"has the hash {digest.hexdigest()}, not {sha256}",
            where=without_password(url),
            hint="somebody changed it: see who, and why",
        )


def without_password(url: str) -> str:
    """Give an address that may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def unreachable(url: str, problem: Exception) -> ResolveError:
    """Make the error of an index or address that does not answer as it should."""
    response = getattr(problem, "response", None)
    reason = f"answers {response.status_code}" if response is not None else "does not answer"
    return ResolveError(
        reason,
        where=without_password(url),
        hint="see that this machine is online and may use it, then try again",
    )


def _read_answer(answer: requests.Response) -> tuple[File, ...]:
    if "json" in answer.headers.get("Content-Type", ""):
        listed = answer.json()["files"]
        return tuple(
            File(
                file["filename"],
                urljoin(answer.url, file["url"]),
                file.get("hashes", {}).get("sha256", ""),
                file.get("requires-python") or "",
                bool(file.get("yanked")),
                file.get("upload-time") or "",
            )
            for file in listed
        )
    page = _Page(answer.url)
    page.feed(answer.text)
    return tuple(page.files)


class _Page(HTMLParser):
    """A project's page of an index that speaks HTML only (PEP 503)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.files: list[File] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag != "a" or not facts.get("href"):
            return
        url, _, fragment = urljoin(self._url, facts["href"] or "").partition("#")
        digest = re.search(r"sha256=([0-9a-f]{64})", fragment)
        self.files.append(
            File(
                urlsplit(url).path.rpartition("/")[2],
                url,
                digest[1] if digest else "",
                facts.get("data-requires-python") or "",
                "data-yanked" in facts,
            )
        )
