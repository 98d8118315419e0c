"""Lines of requirements.txt and of `pip:`: names, addresses and options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from lectern.builder.resolve.python_version import OWN, marker_environment
from lectern.builder.resolve.refusals import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.declare.items import Item, Requirement

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)", re.ASCII)
_DIRECT = re.compile(r"^\s*(?:[\w.\[\],-]+\s*@\s*)?(?:git\+|https?:|file:|\.{0,2}/)", re.ASCII)
_HASH = re.compile(r"\s+--hash[= ](\w+):([0-9a-f]+)")
_INDEX_OPTIONS = frozenset({"--extra-index-url", "--index-url", "-i", "--find-links", "-f"})
_IDLE_OPTIONS = frozenset(
    {
        "--trusted-host",
        "--no-cache-dir",
        "--upgrade",
        "-U",
        "--prefer-binary",
        "--only-binary",
        "--quiet",
        "-q",
    }
)
_PYTORCH = re.compile(r"https?://download\.pytorch\.org/")

#: Accepted as it stands: pre-releases count.
PRE = "--pre"


def name_of(line: str) -> str:
    """Give the name that a line begins with, or "" when it begins with an address."""
    match = _NAME.match(line)
    return match[1] if match and not line.lstrip().startswith(("git+", "http:", "https:")) else ""


def is_direct(line: str) -> bool:
    """Say whether a line names an address or a path instead of a release on PyPI."""
    return bool(_DIRECT.match(line))


def split_hashes(line: str) -> tuple[str, frozenset[str]]:
    """Take the sha256 digests off a line that pip would check."""
    digests = frozenset(digest for algorithm, digest in _HASH.findall(line) if algorithm == "sha256")
    return _HASH.sub("", line).replace("\\", "").strip(), digests


def parse(asked: Requirement) -> Parsed | Reason:
    """Read a requirement, or say why it is none."""
    try:
        parsed = Parsed(split_hashes(asked.line)[0])
        if parsed.marker:
            parsed.marker.evaluate(marker_environment(OWN) | {"extra": ""})
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName) as problem:
        return Reason(
            asked.where,
            f"`{asked.line[:80]}` is no requirement ({str(problem).splitlines()[0]})",
            "write it as `pandas>=2`",
        )
    if parsed.url:
        return Reason(
            asked.where, f"`{asked.line[:80]}` names an address", "write `name @ https://…#sha256=…`"
        )
    return parsed


def read_options(options: Iterable[Item]) -> tuple[list[Reason], list[str], bool]:
    """Give why options of pip cannot be honoured, those without effect, and whether `--pre` is among them."""
    listed = list(options)
    read = [read_option(option) for option in listed]
    refused = [one for one in read if isinstance(one, Reason)]
    idle = [one for one in read if one and isinstance(one, str)]
    return refused, idle, any(option.name == PRE for option in listed)


def read_option(option: Item) -> str | Reason:
    """Say what an option of pip means here.

    Returns
    -------
    str
        "" when it is honoured, else the option, which has no effect.
    Reason
        Why it cannot be honoured.
    """
    shown = f"{option.name} {option.version}".strip()
    if option.name == PRE:
        return ""
    if option.name in _IDLE_OPTIONS or (option.name in _INDEX_OPTIONS and _PYTORCH.match(option.version)):
        return shown
    if option.name in _INDEX_OPTIONS:
        return Reason(
            option.where,
            f"`{option.name}` names another index: which of the two a name comes from would depend on both",
            "ask your administrator to add the index for the whole installation, or give the wheel's address "
            "with its hash: `name @ https://…whl#sha256=…`",
        )
    if option.name == "--no-binary":
        return Reason(
            option.where,
            f"`{shown[:80]}` asks for a build from source, and wheels are taken wherever there are any",
            "take this line out; a release without a wheel is built from source without it",
        )
    return Reason(
        option.where, f"`{shown[:80]}` is an option that is not known here", "list names and versions only"
    )
