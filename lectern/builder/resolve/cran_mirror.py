"""Fetch files of a CRAN mirror into a cache; a file that did not change is not sent again."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

_TIMEOUT_S = (10, 60)
_TRIES = Retry(
    2, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504), respect_retry_after_header=False
)
_CHUNK_BYTES = 1 << 20


class NotOnMirrorError(LookupError):
    """The mirror answers and does not have the file."""


class MirrorDownError(OSError):
    """The mirror at `address` does not answer, or with something else than the file."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(f"{address} {cause}")
        self.address = address


def user_agent(r_version: str) -> str:
    """Give the words by which a mirror of ready-made packages knows that it may send them.

    References
    ----------
    Posit Package Manager, "Serving package binaries", binary user agents.
    """
    return f"R/{r_version} R ({r_version} x86_64-pc-linux-gnu x86_64 linux-gnu)"


class Mirror:
    """One CRAN mirror.

    Parameters
    ----------
    address : str
        What `src/contrib` is put behind.
    cache : Path
        Folder of all mirrors' files.
    r_version : str
        Which R the packages are for.
    """

    def __init__(self, address: str, cache: Path, *, r_version: str) -> None:
        self.address = address.rstrip("/")
        # A mirror of ready-made packages answers each R in its own way.
        key = f"{self.address} {r_version}"
        self._folder = cache / hashlib.sha256(key.encode()).hexdigest()[:16]
        self._session = requests.Session()
        # Files as they are: nothing here is worth packing once more on its way.
        self._session.headers.update({"User-Agent": user_agent(r_version), "Accept-Encoding": "identity"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_TRIES))

    def fetch(self, path: str, *, md5: str = "") -> Path:
        """Give a file of the mirror.

        Parameters
        ----------
        path : str
            Below the mirror's address; one that ends with a slash is a folder's listing.
        md5 : str
            What the index says of it: a cached file of that digest is taken without asking.

        Raises
        ------
        NotOnMirrorError
            There is no such file.
        MirrorDownError
            It could not be had.
        """
        kept = self._folder / (f"{path}index.html" if path.endswith("/") else path)
        if md5 and kept.is_file() and md5_of(kept) == md5:
            return kept
        seen = kept.with_name(kept.name + ".seen")
        headers = json.loads(seen.read_text(encoding="utf-8")) if seen.is_file() and kept.is_file() else {}
        try:
            with self._session.get(
                f"{self.address}/{path}", headers=headers, timeout=_TIMEOUT_S, stream=True
            ) as answer:
                if answer.status_code == requests.codes.not_modified:
                    return kept
                if answer.status_code in {requests.codes.not_found, requests.codes.gone}:
                    raise NotOnMirrorError(path)
                answer.raise_for_status()
                _keep(answer, kept)
        except (requests.RequestException, HTTPError) as problem:
            raise MirrorDownError(self.address, _cause(problem)) from problem
        validators = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
        given = {ask: answer.headers[told] for ask, told in validators.items() if told in answer.headers}
        seen.write_text(json.dumps(given), encoding="utf-8")
        return kept


def _keep(answer: requests.Response, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.with_name(kept.name + ".seen").unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as partial:
        # Undecoded: PACKAGES.gz is a file, however a server labels it.
        for chunk in answer.raw.stream(_CHUNK_BYTES, decode_content=False):
            partial.write(chunk)
    Path(partial.name).replace(kept)


def md5_of(path: Path) -> str:
    """Give the digest by which CRAN's index knows a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _cause(problem: requests.RequestException | HTTPError) -> str:
    answer = getattr(problem, "response", None)
    if answer is not None:
        return f"answers HTTP {answer.status_code}"
    return "answers too slowly" if isinstance(problem, requests.Timeout) else "does not answer"
