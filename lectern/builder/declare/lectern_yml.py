"""lectern.yml: what only Lectern reads. A key that is not known is an error, as the file is ours."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.builder.declare.files import require_few, shown
from lectern.builder.declare.items import Item
from lectern.builder.declare.plain_yaml import CommentedMap, CommentedSeq, entries, key_line, load_yaml
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text

_KEYS = ("kernels", "resolver", "check_network")
_RESOLVERS = ("fast", "conda")
_KERNEL = re.compile(r"[a-z](?: ?[a-z0-9_+#./-]){0,40}")


@dataclass(frozen=True)
class LecternYml:
    """What lectern.yml asks for."""

    kernels: tuple[Item, ...] = ()
    resolver: str = ""
    needs_network: bool = False


def read_lectern_yml(text: Text) -> LecternYml:
    """Read a lectern.yml.

    Raises
    ------
    DeclarationError
        It has an unknown key or a value of another kind.
    """
    document = load_yaml(text)
    if document is None:
        return LecternYml()
    if not isinstance(document, CommentedMap):
        raise DeclarationError("has no keys", where=text.path, hint=f"known are: {', '.join(_KEYS)}")
    for key in document:
        if key not in _KEYS:
            where = text.where(key_line(document, key))
            raise DeclarationError(f"`{shown(key)}` is no key", where=where, hint=_meant(shown(key), _KEYS))
    return LecternYml(
        kernels=_kernels(document, text),
        resolver=_resolver(document, text),
        needs_network=_needs_network(document, text),
    )


def _kernels(document: CommentedMap, text: Text) -> tuple[Item, ...]:
    listed = document.get("kernels")
    if listed is None:
        return ()
    if not isinstance(listed, CommentedSeq):
        where = text.where(key_line(document, "kernels"))
        raise DeclarationError("`kernels` is no list", where=where, hint="write `kernels: [bash, octave]`")
    found: dict[str, Item] = {}
    for entry, where in entries(listed, text):
        if not isinstance(entry, str) or not _KERNEL.fullmatch(entry):
            raise DeclarationError(
                f"`{shown(entry)}` is no name of a language",
                where=where,
                hint="write names in lower case: `kernels: [bash, octave]`",
            )
        found.setdefault(entry, Item(entry, "", where))
    require_few(len(found), text.path)
    return tuple(found.values())


def _resolver(document: CommentedMap, text: Text) -> str:
    wanted = document.get("resolver", "")
    if "resolver" in document and wanted not in _RESOLVERS:
        where = text.where(key_line(document, "resolver"))
        raise DeclarationError(
            f"`{shown(wanted)}` is no resolver", where=where, hint=_meant(shown(wanted), _RESOLVERS)
        )
    return str(wanted)


def _needs_network(document: CommentedMap, text: Text) -> bool:
    wanted = document.get("check_network", False)
    if not isinstance(wanted, bool):
        where = text.where(key_line(document, "check_network"))
        raise DeclarationError(
            f"`{shown(wanted)}` is neither true nor false", where=where, hint="write `true`"
        )
    return wanted


def _meant(written: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(written, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are: {', '.join(known)}"
