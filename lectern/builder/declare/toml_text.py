"""TOML with lines: the standard library's parser keeps none."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern.builder.declare.files import shown
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text

_POSITION = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), .*|end of document)\)", re.DOTALL)
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")


@dataclass(frozen=True)
class Toml:
    """A TOML file's content and where its keys stand."""

    text: Text
    document: dict[str, Any]
    lines: dict[tuple[str, str], int]  # (table, key) -> line

    def where(self, table: str, key: str) -> str:
        """Give file:line of a key; only the file when it is written in an unusual way."""
        line = self.lines.get((table, key))
        return self.text.where(line) if line else self.text.path

    def where_value(self, table: str, key: str, value: str) -> str:
        """Give file:line of a quoted string at or below a key; the key's own when there is none."""
        first = self.lines.get((table, key), 1)
        for number, line in enumerate(self.text.content.split("\n")[first - 1 :], first):
            if f'"{value}"' in line or f"'{value}'" in line:
                return self.text.where(number)
        return self.where(table, key)

    def table(self, *names: str) -> dict[str, Any]:
        """Give a table, empty when it is not there.

        Raises
        ------
        DeclarationError
            Something else has its name.
        """
        found: Any = self.document
        for depth, name in enumerate(names, 1):
            found = found.get(name, {})
            if not isinstance(found, dict):
                path = ".".join(names[:depth])
                where = self.where(".".join(names[: depth - 1]), name)
                raise DeclarationError(f"`{path}` is no table", where=where, hint=f"write `[{path}]`")
        return dict(found)


def load_toml(text: Text) -> Toml:
    """Read a TOML file.

    Raises
    ------
    DeclarationError
        It is no TOML.
    """
    try:
        document = tomllib.loads(text.content)
    except (ValueError, RecursionError) as problem:
        found = _POSITION.fullmatch(str(problem))
        line = int(found["line"] or text.content.rstrip().count("\n") + 1) if found else 0
        raise DeclarationError(
            f"is no TOML ({shown(found['what'] if found else problem)})",
            where=text.where(line) if line else text.path,
            hint="compare brackets and quotes with the lines above",
        ) from problem
    return Toml(text, document, _lines(text))


def _lines(text: Text) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.content.split("\n"), 1):
        if header := _HEADER.match(line):
            table = header[1]
        elif key := _KEY.match(line):
            found.setdefault((table, key[1] or key[2] or key[3]), number)
    return found
