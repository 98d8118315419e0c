"""Packages of PyPI that run on Node: which of their versions need it."""

from __future__ import annotations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from lectern.builder.resolve.conda_version import pep440
from lectern.builder.resolve.names_table import normalised

#: Debian's name of it.
NODE = "nodejs"

#: Written in Python before this version, in JavaScript since.
_ON_NODE_SINCE = {"jupyter-book": Version("2")}


def is_before_node(name: str, version: str) -> bool:
    """Say whether a version of a package admits only releases that need no Node."""
    since = _ON_NODE_SINCE.get(normalised(name))
    if since is None:
        return False
    try:
        parts = SpecifierSet(pep440(version))
    except (ValueError, InvalidSpecifier):
        return False
    return any(
        Version(part.version.removesuffix(".*")) < since
        if part.operator in {"==", "===", "~=", "<="}
        else part.operator == "<" and Version(part.version) <= since
        for part in parts
    )
