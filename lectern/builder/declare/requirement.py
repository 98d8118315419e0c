"""One requirement for PyPI: a name with a version, or an address that pins itself down."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508

from lectern.builder.declare.files import refusal
from lectern.builder.declare.items import Requirement
from lectern.errors import DeclarationError

_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?/[A-Za-z0-9._~%@+:,=&?!/#\[\]-]*", re.ASCII)
_VCS = re.compile(r"(git|hg|svn|bzr)\+", re.ASCII)
#: `https://token@host`, `ssh://me:word@host` and conda's `https://host/t/token/channel`.
_SECRET = re.compile(r"(?:\w+\+)?(?:\w+://[^/@]*:[^/@]*@|https?://[^/]*@|https?://[^/]*/t/)")
_ARCHIVE = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
#: `https://github.com/o/r/tree/b` and such: what git itself gives, and can be locked, is the right way.
_PAGE = re.compile(
    r"(https?://[^/]+/[^/]+/[^/#@]+)/(?:-/)?(?:tree|blob|zipball|tarball)/([^/#]+).*", re.ASCII
)
_PROJECT = re.compile(
    r"(https?://(?:github\.com|gitlab\.com|bitbucket\.org)/[^/]+/[^/#@]+?)/?(?:#.*)?", re.ASCII
)


def read_requirement(text: str, where: str) -> Requirement:
    """Read one requirement as pip would; options and paths are not for here.

    Raises
    ------
    DeclarationError
        It is no requirement, or an address that cannot be locked.
    """
    if "$" in text:
        raise refusal("has a variable, which is not read here", text, where, "write the value itself")
    if _VCS.match(text) or re.match(r"[a-z+]+://", text):
        address, _, marker = text.partition(" ;")
        egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)(\[[A-Za-z0-9._,-]+\])?", address)
        address = _address(address.strip(), text, where)
        if not egg:
            return Requirement(f"{address} ;{marker}" if marker else address, where)
        text = f"{egg[1]}{egg[2] or ''} @ {address}{' ;' + marker if marker else ''}"
    if not text.isascii() or "\\" in text:
        raise refusal("is no requirement", text, where, _hint(text))
    try:
        parsed = Pep508(text)
    except InvalidRequirement as problem:
        raise refusal("is no requirement", text, where, _hint(text)) from problem
    if parsed.url:
        parsed.url = _address(parsed.url, text, where)
    return Requirement(str(parsed), where)


def require_address(text: str, where: str) -> str:
    """See that a text is a web address without a secret in it.

    Raises
    ------
    DeclarationError
        It is not.
    """
    address = text if "/" in text.partition("://")[2] else f"{text}/"
    require_no_secret(address, where)
    if not _URL.fullmatch(address):
        raise refusal("is no address", text, where, "write `https://…`, without variables")
    return text


def require_no_secret(text: str, where: str) -> None:
    """See that no address in a text has a password or token; the error does not show it.

    Raises
    ------
    DeclarationError
        It has one.
    """
    if _SECRET.search(text):
        raise DeclarationError(
            "has a password in an address",
            where=where,
            hint="take it out and make it void: whoever reads the repo has it",
        )


def _address(address: str, text: str, where: str) -> str:
    """Check an address and take out of its fragment all but the folder and the hash."""
    require_no_secret(address, where)
    scheme = _VCS.match(address)
    plain = address[scheme.end() :] if scheme else address
    if scheme and (scheme[1] != "git" or not plain.startswith("https://")):
        raise refusal("cannot be fetched", text, where, "write `git+https://…`")
    require_address(plain, where)
    if page := _PAGE.fullmatch(plain):
        raise refusal(
            "is the address of a web page",
            text,
            where,
            f"write `git+{page[1].removesuffix('.git')}@{page[2]}`",
        )
    if not scheme and (project := _PROJECT.fullmatch(plain)):
        raise refusal("is the address of a web page", text, where, f"write `git+{project[1]}`")
    if not scheme and not plain.partition("#")[0].partition("?")[0].endswith(_ARCHIVE):
        raise refusal("is no archive", text, where, "write `git+https://…`, or the address of a wheel")
    bare, _, fragment = address.partition("#")
    facts = re.findall(r"(?:^|&)(subdirectory=[A-Za-z0-9._/-]+|sha256=[0-9a-f]{64})(?=&|$)", fragment)
    return f"{bare}#{'&'.join(facts)}" if facts else bare


def _hint(text: str) -> str:
    if single := re.fullmatch(r"([A-Za-z0-9._-]+)\s*=\s*([0-9][\w.]*)", text, re.ASCII):
        return f"write `{single[1]}=={single[2]}`: pip's equals sign is double"
    return "write a requirement such as `pandas>=2`"
