"""CGI as git's own `http-backend` speaks it: what it is told, and the head of what it answers. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

#: The smart services: what is asked for, by path and method, and whether that is part of a push.
_SERVICES = ("git-upload-pack", "git-receive-pack")
_PROTOCOL = re.compile(r"version=[0-9](:[a-z0-9=._-]{1,40}){0,4}")
_LONGEST_HEAD = 1 << 14


class NotGitError(Exception):
    """A request that no git client of today makes; the message says what is served."""


@dataclass(frozen=True)
class GitRequest:
    """A request of a git client."""

    service: str  # "git-upload-pack" (clone, fetch) or "git-receive-pack" (push)
    is_advertisement: bool  # GET info/refs: which refs are there

    @property
    def is_push(self) -> bool:
        """Say whether it wants to change something."""
        return self.service == "git-receive-pack"


def read_request(method: str, path: str, query: str, content_type: str) -> GitRequest:
    """Say what a git client wants.

    Parameters
    ----------
    method, path, query, content_type : str
        Of the HTTP request; the path is what follows `<name>.git/`.

    Raises
    ------
    NotGitError
        It is nothing of git's smart protocol.
    """
    if method == "GET" and path == "info/refs":
        for service in _SERVICES:
            if query == f"service={service}":
                return GitRequest(service, is_advertisement=True)
        raise NotGitError("use git itself: only its smart protocol is served here")
    if method == "POST" and path in _SERVICES:
        if content_type != f"application/x-{path}-request":
            raise NotGitError(f"this is no request of git: its content is not application/x-{path}-request")
        return GitRequest(path, is_advertisement=False)
    raise NotGitError("this is no request of git: clone this address with `git clone`")


def variables(
    request: GitRequest, *, repo: str, root: str, person: str, headers: dict[str, str]
) -> dict[str, str]:
    """Give the variables that `git http-backend` reads.

    Parameters
    ----------
    request : GitRequest
        What is wanted.
    repo, root : str
        The bare repo's folder, and the folder that holds it.
    person : str
        Who asks.
    headers : dict[str, str]
        The request's; only those that git has a use for are handed on.
    """
    path = "info/refs" if request.is_advertisement else request.service
    given = {
        "GIT_PROJECT_ROOT": root,
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo}/{path}",
        "REQUEST_METHOD": "GET" if request.is_advertisement else "POST",
        "QUERY_STRING": f"service={request.service}" if request.is_advertisement else "",
        "REMOTE_USER": person,  # makes it accept a push
        "GIT_COMMITTER_NAME": person,  # of the reflog
        "GIT_COMMITTER_EMAIL": "push@lectern.invalid",
    }
    if not request.is_advertisement:
        given["CONTENT_TYPE"] = f"application/x-{request.service}-request"
    if headers.get("Content-Encoding") in ("gzip", "x-gzip"):
        given["HTTP_CONTENT_ENCODING"] = "gzip"
    protocol = headers.get("Git-Protocol", "")
    if _PROTOCOL.fullmatch(protocol):
        given["GIT_PROTOCOL"] = protocol
    return given


@dataclass(frozen=True)
class Head:
    """What a CGI program says before the content."""

    status: int
    headers: tuple[tuple[str, str], ...]


def read_head(data: bytes) -> tuple[Head, bytes] | None:
    """Read the head of a CGI answer.

    Returns
    -------
    tuple[Head, bytes] | None
        The head and what followed it; None while it is not complete.

    Raises
    ------
    ValueError
        It is no CGI answer.
    """
    end = re.search(rb"\r?\n\r?\n", data)
    if end is None:
        if len(data) > _LONGEST_HEAD:
            raise ValueError("an answer without a head")
        return None
    status, headers = 200, []
    for line in data[: end.start()].decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name):
            raise ValueError("a head that cannot be read")
        if name.lower() == "status":
            code = value.split()[:1]
            if not code or not re.fullmatch(r"[1-5][0-9]{2}", code[0]):
                raise ValueError("a status that cannot be read")
            status = int(code[0])
        else:
            headers.append((name, value.strip()))
    return Head(status, tuple(headers)), data[end.end() :]


def read_credentials(header: str | None) -> tuple[str, str] | None:
    """Read name and password from an `Authorization: Basic` header; None when there are none."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None
