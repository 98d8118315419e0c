"""R code as tokens, with the bracket that closes each one that opens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from lectern.builder.declare.files import Text

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<name>[A-Za-z.][\w.]*(?:::{1,2}[A-Za-z.][\w.]*)?)
      | (?P<newline>\n)
      | (?P<blank>[^\S\n]+)
      | (?P<sign><<?-|->>?|==|.)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_MAX_DEPTH = 50


@dataclass(frozen=True)
class Token:
    """A word, sign, string or line end of R."""

    kind: str  # "string", "name", "newline" or "sign"
    text: str
    line: int
    depth: int  # of open brackets around it


@dataclass(frozen=True)
class Code:
    """A script's tokens; comments and blanks are gone."""

    tokens: tuple[Token, ...]
    closing: dict[int, int]  # position of an opening bracket -> of its closing one

    def text(self, position: int) -> str:
        """Give the text at a position, "" behind the end."""
        return self.tokens[position].text if position < len(self.tokens) else ""

    def kind(self, position: int) -> str:
        """Give the kind of the token at a position, "" behind the end."""
        return self.tokens[position].kind if position < len(self.tokens) else ""

    def arguments(self, opening: int) -> list[tuple[int, int]]:
        """Give the span of each argument in the brackets that open at a position."""
        end = self.closing[opening]
        spans, first, position = [], opening + 1, opening + 1
        while position < end:
            if self.text(position) == ",":
                spans.append((first, position))
                first = position + 1
            position = self.closing.get(position, position) + 1
        spans.append((first, end))
        return [span for span in map(self._trimmed, spans) if span[0] < span[1]]

    def end_of_line(self, start: int) -> int:
        """Give where an expression ends: at a line end outside of brackets, but for one at its start."""
        position = start
        while position < len(self.tokens):
            token = self.tokens[position]
            if token.text in {";", ")", "]", "}"} or (token.kind == "newline" and position > start):
                break
            position = self.closing.get(position, position) + 1
        return position

    def _trimmed(self, span: tuple[int, int]) -> tuple[int, int]:
        first, last = span
        while first < last and self.tokens[first].kind == "newline":
            first += 1
        return first, last


def read_code(text: Text) -> Code:
    """Part R code into tokens.

    Raises
    ------
    DeclarationError
        A bracket has no partner, or the nest is too deep to be written by hand.
    """
    tokens: list[Token] = []
    closing: dict[int, int] = {}
    opened: list[int] = []
    line = 1
    for match in _TOKEN.finditer(text.content):
        kind, sign = match.lastgroup or "", match[0]
        if sign in _CLOSES.values():
            if not opened or _CLOSES[tokens[opened[-1]].text] != sign:
                raise _unbalanced(sign, text.where(line))
            closing[opened.pop()] = len(tokens)
        if kind not in {"comment", "blank"}:
            tokens.append(Token(kind, sign, line, len(opened)))
        if sign in _CLOSES:
            opened.append(len(tokens) - 1)
            if len(opened) > _MAX_DEPTH:
                raise DeclarationError(
                    "is nested too deeply",
                    where=text.where(line),
                    hint='write `install.packages(c("a", "b"))`',
                )
        line += sign.count("\n")
    if opened:
        raise _unbalanced(tokens[opened[-1]].text, text.where(tokens[opened[-1]].line))
    return Code(tuple(tokens), closing)


def _unbalanced(sign: str, where: str) -> DeclarationError:
    return DeclarationError(
        f"is no R (`{sign}` has no partner)",
        where=where,
        hint="compare brackets and quotes with the lines above",
    )
