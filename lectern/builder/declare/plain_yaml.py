"""YAML as people write it by hand: no anchors, no deep nests, each entry with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent, ScalarEvent

from lectern.builder.declare.files import require_few, shown
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lectern.builder.declare.files import Text

__all__ = ["CommentedMap", "CommentedSeq", "entries", "key_line", "load_yaml"]

_MAX_DEPTH = 10
#: What the parser raises on odd text besides its own errors: `-_` is an IndexError, for one.
_SLIPS = (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


def load_yaml(text: Text) -> object:
    """Give what a YAML file holds; mappings and lists know their lines.

    Raises
    ------
    DeclarationError
        It is no YAML, or has what makes a small file large or slow.
    """
    # Blanks at a line's end are the one slip that no reader can see; a tab there is no YAML.
    content = re.sub(r"[ \t]+$", "", text.content, flags=re.MULTILINE)
    try:
        _require_plain(text, content)
        document: Any = YAML(typ="rt").load(content)
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise DeclarationError(
            f"is no YAML ({shown((problem.problem or '').partition(' with value')[0])})",
            where=text.where(line),
            hint="compare indents and quotes with the lines above",
        ) from problem
    except _SLIPS as problem:
        raise DeclarationError(
            f"is no YAML ({shown(problem)})", where=text.path, hint="put values with odd signs into quotes"
        ) from problem
    return document


def key_line(mapping: CommentedMap, key: object) -> int:
    """Give the line of a key, the first line being 1."""
    line, _ = mapping.lc.key(key)
    return int(line) + 1


def entries(listed: CommentedSeq, text: Text) -> Iterator[tuple[Any, str]]:
    """Give each entry of a list with its file:line."""
    for index, entry in enumerate(listed):
        yield entry, text.where(listed.lc.item(index)[0] + 1)


def _require_plain(text: Text, content: str) -> None:
    """Refuse what makes a small file large or slow, before anything is made of it."""
    depth = scalars = 0
    for event in YAML(typ="rt").parse(content):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        scalars += isinstance(event, ScalarEvent)
        require_few(scalars // 2, text.path)  # generous: what has so many scalars has too many entries
        where = text.where(event.start_mark.line + 1)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise DeclarationError("has anchors or aliases", where=where, hint="write each entry out")
        if depth > _MAX_DEPTH:
            raise DeclarationError(
                "is nested too deeply", where=where, hint="write one entry a line, such as `- name=version`"
            )
