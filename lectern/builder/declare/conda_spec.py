"""One entry of environment.yml → CondaSpec: all that conda's match specifications can say."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product

from lectern.builder.declare.files import refusal, shown
from lectern.builder.declare.items import CondaSpec
from lectern.builder.declare.requirement import require_no_secret
from lectern.errors import DeclarationError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_BUILD = re.compile(r"[A-Za-z0-9_.*+]+", re.ASCII)
_CHANNEL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~-]+)*/?|[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)*",
    re.ASCII,
)
_EXTRA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_KEY = re.compile(
    r"""\s*(?P<key>\w+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s,'"]+))\s*(?:,|$)"""
)
_ATOM = re.compile(
    r"(?P<operator>==|>=|<=|!=|~=|=|<|>)?"
    r"(?P<version>\*|(?:\d+!)?[A-Za-z0-9][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*(?:\.?\*)?)",
    re.ASCII,
)
# `=1.2=py39_0` and `1.2=py39_0`: a second `=` that is no part of an operator.
_WITH_BUILD = re.compile(r"(?P<version>.*[^=<>!~,|])=(?P<build>[^=<>!~,|]+)")
_MAX_ALTERNATIVES = 32


@dataclass(frozen=True)
class ReadSpec:
    """An entry and what was changed to read it, "" when nothing was."""

    spec: CondaSpec
    repair: str = ""


def read_spec(text: str, where: str) -> ReadSpec:
    """Read one entry as conda would.

    `x 1.2` is exactly that version, `x=1.2` any that begins so, as `x=1.2.*`. A trailing dot is
    repaired; the caller says so.

    Raises
    ------
    DeclarationError
        It is no package, or says what no resolver could honour.
    """
    written = re.sub(r"[^\S\n]+", " ", re.sub(r"\s#.*", "", text)).strip()
    if re.match(r"[./~]|\w+:(?!:)//.*\.(conda|bz2)$", written):
        raise refusal("is a file or an address", text, where, "name the package, such as `- numpy=1.26`")
    rest, bracketed, extras = _brackets(written, text, where)
    channel, colons, rest = rest.rpartition("::")
    require_no_secret(channel, where)
    if colons and not _CHANNEL.fullmatch(channel):
        raise refusal("has no channel before `::`", text, where, "write `- conda-forge::numpy`")
    name = _NAME.match(rest)
    if not name:
        raise refusal("is no package", text, where, "write `- name` or `- name=version`")
    version, build = _split(rest[name.end() :], text, where)
    version, build = bracketed.get("version", version), bracketed.get("build", build)
    channel = bracketed.get("channel", channel)
    if not _CHANNEL.fullmatch(channel or "x"):
        raise refusal("has no channel that conda knows", text, where, "write `- conda-forge::numpy`")
    if build in {"", "*"}:
        build = ""
    elif not _BUILD.fullmatch(build):
        raise refusal("is no package", text, where, "put a comma between bounds: `- name>=1,<2`")
    repaired = re.sub(r"(?<=[\w*])\.+(?=[,|]|$)", "", re.sub(r"(\.\*)+(?=\.?(?:[,|]|$))", ".*", version))
    expression = _expression(repaired, text, where, is_exact=bool(build) and not re.search(r"[,|]", repaired))
    repair = f"`{shown(written)}` is read as `{name[0]}{repaired}`" if repaired != version else ""
    return ReadSpec(CondaSpec(name[0].lower(), expression, build, channel, extras, where), repair)


def intersect(first: CondaSpec, second: CondaSpec) -> CondaSpec:
    """Make one entry of two of the same name: what both admit.

    Raises
    ------
    DeclarationError
        They name different channels or builds.
    """
    for one, other in ((first.channel, second.channel), (first.build, second.build)):
        if one and other and one != other:
            raise DeclarationError(
                f"`{second}` contradicts `{first}` ({first.where})",
                where=second.where,
                hint="keep one of the two lines",
            )
    both = [
        ",".join(dict.fromkeys(part for side in pair for part in side.split(",") if part))
        for pair in product(first.version.split("|"), second.version.split("|"))
    ]
    if len(both) > _MAX_ALTERNATIVES:
        raise DeclarationError(
            f"`{first.name}` has too many alternatives", where=second.where, hint="keep one of the lines"
        )
    return replace(
        first,
        version="|".join(dict.fromkeys(both)),
        build=first.build or second.build,
        channel=first.channel or second.channel,
        extras=tuple(dict.fromkeys((*first.extras, *second.extras))),
    )


def is_channel(text: str) -> bool:
    """Say whether a text is a channel's name or address."""
    return bool(_CHANNEL.fullmatch(text))


def _brackets(written: str, text: str, where: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """Take `[key=value]` and `[extra]` out of an entry."""
    keys: dict[str, str] = {}
    extras: list[str] = []
    for inside in _BRACKET.findall(written):
        if "=" not in inside:
            extras += [extra.strip() for extra in inside.split(",")]
            continue
        position = 0
        while position < len(inside):
            match = _KEY.match(inside, position)
            if not match:
                raise refusal("cannot be read", text, where, "write `- name=version`")
            keys[match["key"]] = match["double"] or match["single"] or match["bare"] or ""
            position = match.end()
    if unknown := sorted(keys.keys() - {"version", "build", "channel"}):
        raise refusal(
            f"asks for `{shown(unknown[0])}`", text, where, "only version, build and channel can be chosen"
        )
    if not all(_EXTRA.fullmatch(extra) for extra in extras):
        raise refusal("has no names in its brackets", text, where, "write `- name[extra]`")
    return _BRACKET.sub("", written), keys, tuple(extras)


def _split(rest: str, text: str, where: str) -> tuple[str, str]:
    """Part what follows a name into version and build."""
    if rest and rest[0] not in " \t=<>!~":
        raise refusal("is no package", text, where, "write `- name` or `- name=version`")
    joined = re.sub(r"\s*([,|])\s*", r"\1", rest.strip())
    joined = re.sub(r"([=<>!~])\s+", r"\1", joined)
    joined = re.sub(r"(?<=[\w*]) ?= ?(?=[\w*])", "=", joined)
    version, _, build = joined.partition(" ")
    if version[:1].isalpha():  # a version of letters is legal to conda, but a second package is what is meant
        raise refusal("has a second name", text, where, "write each package on a line of its own: `- name`")
    if build:
        return version, build.strip()
    match = _WITH_BUILD.fullmatch(version)
    return (match["version"], match["build"]) if match else (version, "")


def _expression(version: str, text: str, where: str, *, is_exact: bool) -> str:
    """Write a version so that each part has its operator; a single `=` before a build means `==`."""
    if not version:
        return ""
    alternatives = []
    for alternative in version.split("|"):
        parts = [_part(part, text, where, is_exact=is_exact) for part in alternative.split(",")]
        alternatives.append(",".join(dict.fromkeys(part for part in parts if part)))
    if len(alternatives) > _MAX_ALTERNATIVES:
        raise refusal("has too many alternatives", text, where, "write a range: `- name>=1,<2`")
    return "" if "" in alternatives else "|".join(dict.fromkeys(alternatives))


def _part(part: str, text: str, where: str, *, is_exact: bool) -> str:
    match = _ATOM.fullmatch(part)
    if not match:
        raise refusal(
            "has no version that conda reads", text, where, "write `- name=1.2` or `- name>=1.2,<2`"
        )
    operator, version = match["operator"] or "", match["version"].lower()
    if version == "*":
        if operator not in {"", "=", "=="}:
            raise refusal("has no version that conda reads", text, where, "leave `*` out")
        return ""
    stem = version.rstrip("*").rstrip(".")
    if stem != version:  # 1.2.* and 1.2*
        if operator == "!=":
            return f"!={stem}.*"
        return f"{operator}{stem}" if operator not in {"", "==", "="} else f"={stem}"
    if operator == "=" and not is_exact:
        return f"={stem}"
    return f"{operator}{stem}" if operator not in {"", "="} else f"=={stem}"
