"""environment.yml: conda's list of packages, with a part for pip."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml.scalarstring import LiteralScalarString

from lectern.builder.declare.conda_spec import intersect, is_channel, read_spec
from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.plain_yaml import CommentedMap, CommentedSeq, entries, key_line, load_yaml
from lectern.builder.declare.requirement import require_no_secret
from lectern.builder.declare.requirements_txt import PipLines, Reader
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lectern.builder.declare.files import Source, Text
    from lectern.builder.declare.items import CondaSpec

_KEYS = {"channels", "dependencies", "prefix"}
#: Known to conda and without effect here; what else there is may be a slip of the pen, and is told as such.
_DEAD_KEYS = {"name", "prefix", "variables", "platforms", "category"}
_SELECTOR = re.compile(
    r"^[^#\n]*\s#\s*\[(?:not )?(?:win|osx|mac|linux|unix|arm|aarch|x86|ppc|py)[^\]\n]*\]", re.MULTILINE
)


@dataclass(frozen=True)
class EnvironmentYml:
    """What environment.yml asks for."""

    conda: tuple[CondaSpec, ...] = ()
    channels: tuple[str, ...] = ()
    pip: PipLines = field(default_factory=PipLines)
    prefix: str = ""
    notices: tuple[str, ...] = ()


def read_environment_yml(source: Source, text: Text) -> EnvironmentYml:
    """Read an environment.yml.

    Raises
    ------
    DeclarationError
        It cannot be used; names the line.
    """
    document = load_yaml(text)
    if document is None:  # empty, or all its lines are comments: legal on mybinder.org
        return EnvironmentYml()
    if isinstance(document, CommentedMap) and document.get("dependencies", ...) is None:
        document["dependencies"] = CommentedSeq()
    if not isinstance(document, CommentedMap) or not isinstance(document.get("dependencies"), CommentedSeq):
        raise DeclarationError(
            "has no list `dependencies`", where=text.path, hint="environments/data-literacy is an example"
        )
    channels, said_of_channels = _channels(document, text)
    specs: list[CondaSpec] = []
    pip = PipLines()
    notices: list[str] = []
    reader = Reader(source, posixpath.dirname(text.path), (text.path,))
    for entry, where in _flat(document["dependencies"], text):
        if isinstance(entry, str):
            _require_one_line(entry, where)
            read = read_spec(entry, where)
            specs.append(read.spec)
            notices += [f"{where}: {read.repair}"] if read.repair else []
            require_few(len(specs), text.path)
        else:
            pip += reader.read_lines(text, _pip_lines(entry, text))
    conda, said_of_twins = united_specs(specs)
    prefix = document.get("prefix", "")
    return EnvironmentYml(
        conda,
        channels,
        pip,
        shown(prefix) if prefix else "",
        (
            *_said_of_dead(document, pip, text),
            *said_of_channels,
            *notices,
            *said_of_twins,
            *_said_of_selectors(text),
        ),
    )


def _require_one_line(entry: str, where: str) -> None:
    """Refuse a block (`- >`): joined, `numpy=2` and `scipy` would be numpy of a build `scipy`."""
    is_literal = isinstance(entry, LiteralScalarString) and "\n" in entry.strip()
    if is_literal or getattr(entry, "fold_pos", None):
        raise DeclarationError(
            f"`{shown(' '.join(entry.split()))}` stands on several lines",
            where=where,
            hint="write each package on a line of its own: `- name`",
        )


def _flat(listed: CommentedSeq, text: Text) -> list[tuple[str | CommentedSeq, str]]:
    """Give the entries; those of `- conda:` lists as if they stood outside, a `- pip:` list as a whole."""
    found: list[tuple[str | CommentedSeq, str]] = []
    for entry, where in entries(listed, text):
        if isinstance(entry, str):
            found.append((entry, where))
            continue
        key = next(iter(entry)) if isinstance(entry, CommentedMap) and len(entry) == 1 else None
        inner = entry[key] if key in {"pip", "conda"} else None
        if key == "pip" and inner is None:  # all its lines are comments
            continue
        if not isinstance(inner, CommentedSeq):
            raise DeclarationError(_what(key, entry), where=where, hint=_hint(key, entry))
        if key == "pip":
            found.append((inner, where))
        elif all(isinstance(spec, str) for spec in inner):
            found += entries(inner, text)
        else:
            raise DeclarationError("`conda:` has more than names", where=where, hint="write `- name=version`")
    return found


def _hint(key: object, entry: Any) -> str:  # noqa: ANN401
    if key in {"pip", "conda"}:
        return f"put a list under `{key}:`"
    if key is not None:
        return f"write `- {shown(key)}={shown(entry[key])}`: no colon"
    return "write `- name` or `- name=version`"


def _what(key: object, entry: Any) -> str:  # noqa: ANN401
    if entry is None:
        return "has an entry without a name"
    written = (
        f"{key}: {entry[key]}" if key is not None and not isinstance(entry[key], CommentedSeq) else entry
    )
    return f"`{shown(written)}` is no package"


def _pip_lines(listed: CommentedSeq, text: Text) -> list[tuple[str, str]]:
    lines = []
    for entry, where in entries(listed, text):
        if not isinstance(entry, str) or "\n" in entry:
            raise DeclarationError(
                f"`{shown(entry)}` is no requirement",
                where=where,
                hint="write a requirement such as `pandas>=2`",
            )
        lines.append((entry, where))
    return lines


def united_specs(specs: Iterable[CondaSpec]) -> tuple[tuple[CondaSpec, ...], list[str]]:
    """Make one entry of all of a name; the second part says which.

    Raises
    ------
    DeclarationError
        Two entries contradict each other.
    """
    united: dict[str, CondaSpec] = {}
    notices = []
    for spec in specs:
        before = united.get(spec.name)
        if before:
            united[spec.name] = intersect(before, spec)
            notices.append(
                f"{spec.where}: `{spec}` adds to {before.where}: both hold as `{united[spec.name]}`"
            )
        else:
            united[spec.name] = spec
    return tuple(united.values()), notices


def _channels(document: CommentedMap, text: Text) -> tuple[tuple[str, ...], list[str]]:
    listed = document.get("channels")
    if listed is None:
        return (), []
    if not isinstance(listed, CommentedSeq):
        where = text.where(key_line(document, "channels"))
        raise DeclarationError("`channels` is no list", where=where, hint="write `- conda-forge` under it")
    found, notices = [], []
    for entry, where in entries(listed, text):
        if isinstance(entry, str):
            require_no_secret(entry, where)
        if not isinstance(entry, str) or not is_channel(entry.strip()):
            raise DeclarationError(
                f"`{shown(entry)}` is no channel", where=where, hint="write a name such as `conda-forge`"
            )
        name = entry.strip()
        if name == "default":
            notices.append(f"{where}: the channel `default` is read as `defaults`")
            name = "defaults"
        if name != "nodefaults":
            found.append(name)
    return tuple(dict.fromkeys(found)), notices


def _said_of_dead(document: CommentedMap, pip: PipLines, text: Text) -> list[str]:
    dead = sorted({shown(key) for key in document if key in _DEAD_KEYS - {"name"}} | set(pip.dead))
    unknown = sorted(shown(key) for key in document if key not in _DEAD_KEYS | _KEYS)
    said = [f"without effect here: {', '.join(dead)}"] if dead else []
    said += [f"not known to conda: {', '.join(unknown)}"] if unknown else []
    return [f"{text.path}: {'; '.join(said)}"] if said else []


def _said_of_selectors(text: Text) -> list[str]:
    found = [text.content.count("\n", 0, match.end()) + 1 for match in _SELECTOR.finditer(text.content)]
    if not found:
        return []
    lines = ", ".join(map(str, found))
    return [f"{text.path}: selectors such as `# [win]` are comments to conda, so these lines count: {lines}"]
