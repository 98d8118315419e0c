"""Conda's version expressions, as PyPI's tools read them and compared with Debian's one version."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_PART = re.compile(r"(<=|>=|==|!=|~=|<|>|=)?([\w.*+!-]+)", re.ASCII)
_DEBIAN_SUFFIX = re.compile(r"[+~-].*$")


def pep440(version: str) -> str:
    """Write a conda version as PyPI's tools read it.

    Parameters
    ----------
    version : str
        Conda's expression: "=1.2", "==1.2.3", ">=1,<2", "1.2.*"; blanks are allowed.

    Returns
    -------
    str
        A specifier set (PEP 440), sorted; "" when any version will do.

    Raises
    ------
    ValueError
        It cannot be written so: alternatives (`|`), or no version at all.
    """
    text = re.sub(r"\s+", "", version)
    if text.lstrip("=") in {"", "*"}:
        return ""
    if "|" in text:
        raise ValueError("has alternatives (`|`), which only conda can weigh")
    specifiers = ",".join(sorted(_specifier(part) for part in text.split(",")))
    try:
        SpecifierSet(specifiers)
    except InvalidSpecifier as problem:
        raise ValueError("is no version that PyPI knows") from problem
    return specifiers


def _specifier(part: str) -> str:
    match = _PART.fullmatch(part)
    if not match:
        raise ValueError("is no version")
    operator, version = match[1] or "=", match[2]
    if operator == "=":
        # A version with letters (2.0rc1) is one release: `==2.0rc1.*` would not even be valid.
        return f"=={version}" if version.endswith("*") or re.search("[a-z]", version) else f"=={version}.*"
    if operator not in {"==", "!="}:
        version = version.removesuffix(".*")
    return operator + version


def upstream_version(debian: str) -> Version | None:
    """Give the version that a Debian version packages, or None when it is none that can be compared.

    "1:2.47.3-0+deb13u1" is 2.47.3: without epoch, Debian's revision, and marks such as `+dfsg`.
    """
    text = _DEBIAN_SUFFIX.sub("", debian.split(":", 1)[-1].rsplit("-", 1)[0])
    try:
        return Version(text)
    except InvalidVersion:
        return None


def admits(version: str, debian: str) -> bool:
    """Say whether a conda version expression admits the version that Debian has.

    An exact pin admits a longer version too (`==4.5` and 4.5.0): conda's packages of R and of programs
    are numbered as Debian's, but for the last place. Of alternatives (`|`) one has to admit it.
    """
    have = upstream_version(debian)
    return have is not None and any(_contains(part, have) for part in version.split("|"))


def _contains(version: str, have: Version) -> bool:
    try:
        wanted = SpecifierSet(pep440(re.sub(r"==([\d.]+)(?=,|$)", r"=\1", version)))
    except ValueError:
        return False
    return wanted.contains(have, prereleases=True)
