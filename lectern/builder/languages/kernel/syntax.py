"""Look at a cell's text: does it go on, has it a main program. Heuristics by each language's rules; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recipe import Syntax, Wrapping

_PAIRS = {")": "(", "]": "[", "}": "{"}

#: What goes on after a closing brace: `} else {`, `} while (…);`, `};`, `}, {`.
_GOES_ON = re.compile(r"\s*(?:[;,.)=(]|(?:else|while|catch|finally)\b)")

#: What has a name, or nothing, after its braces: `struct point { … } origin;`.
_DECLARES = re.compile(r"\s*(?:typedef|struct|union|enum|class)\b")


@dataclass(frozen=True)
class Part:
    """A statement or definition at the top of a cell, and the line that it begins on."""

    line: int
    text: str


def is_complete(code: str, syntax: Syntax) -> bool:
    """Say whether a cell can be run as it is, or its author is still writing."""
    plain, is_open = _without_texts(code, syntax)
    if is_open or plain.rstrip().endswith("\\"):
        return False
    depth = 0
    for character in plain:
        depth += (character in _PAIRS.values()) - (character in _PAIRS)
    words = re.findall(r"[\w-]+", plain)
    depth += sum(word in syntax.openers for word in words) - sum(word in syntax.closers for word in words)
    if depth > 0:
        return False
    return not plain.strip() or _is_terminated(plain, syntax)


def terminate(code: str, syntax: Syntax) -> str:
    """Put a terminator to a cell that lacks it: an interpreter would wait for it for ever."""
    plain, is_open = _without_texts(code, syntax)
    return code if is_open or _is_terminated(plain, syntax) else f"{code}\n{syntax.terminator[0]}"


def make_program(code: str, wrapping: Wrapping, syntax: Syntax) -> str:
    """Make a program of a cell, when it has no main program of its own.

    Parts that must stand outside, such as includes and functions, come first; the rest is the body.
    """
    plain, _ = _without_texts(code, syntax)
    if re.search(wrapping.unless, plain, re.MULTILINE):
        return code
    hoisted: list[str] = []
    body: list[str] = []
    ends = ";\n" if wrapping.ends_with_line else ";"
    parts = _split(code, plain, ends) if wrapping.hoist else [Part(1, code)]
    for part in parts:
        is_outside = wrapping.hoist and re.match(wrapping.hoist, part.text.lstrip())
        text = wrapping.line.replace("{n}", str(part.line)) + part.text
        (hoisted if is_outside else body).append(text)
    put = {"{hoisted}": "\n".join(hoisted), "{body}": "\n".join(body)}
    return re.sub(r"\{(?:hoisted|body)\}", lambda place: put[place[0]], wrapping.template)


def _is_terminated(plain: str, syntax: Syntax) -> bool:
    return not syntax.terminator or plain.rstrip().endswith(tuple(syntax.terminator))


def _without_texts(code: str, syntax: Syntax) -> tuple[str, bool]:
    """Put blanks in the place of texts and comments; say whether one is left open."""
    plain: list[str] = []
    at = 0
    while at < len(code):
        end = at + 1
        if any(code.startswith(sign, at) for sign in syntax.comment):
            end = _end_of_line(code, at)
        elif syntax.block_comment and code.startswith(syntax.block_comment[0], at):
            found = code.find(syntax.block_comment[1], at + len(syntax.block_comment[0]))
            if found < 0:
                return "".join(plain), True
            end = found + len(syntax.block_comment[1])
        elif code[at] in syntax.quotes:
            closing = _end_of_text(code, at)
            if closing is None:
                return "".join(plain), True
            end = closing
        else:
            plain.append(code[at])
            at = end
            continue
        plain.append(re.sub(r"[^\n]", " ", code[at:end]))
        at = end
    return "".join(plain), False


def _end_of_line(code: str, at: int) -> int:
    end = code.find("\n", at)
    return len(code) if end < 0 else end


def _end_of_text(code: str, at: int) -> int | None:
    quote = code[at] * 3 if code.startswith(code[at] * 3, at) else code[at]
    position = at + len(quote)
    while position < len(code):
        if code[position] == "\\":
            position += 2
        elif code.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    return None


def _split(code: str, plain: str, ends: str) -> list[Part]:
    """Split a cell of a language with braces at the top level, where statements end with one of `ends`."""
    parts = []
    depth = start = at = 0
    while at < len(plain):
        character = plain[at]
        depth += (character in _PAIRS.values()) - (character in _PAIRS)
        at += 1
        if depth:
            continue
        if character == "#" and not plain[start : at - 1].strip():
            at = _end_of_directive(plain, at)
        elif not (character in ends or (character == "}" and _is_end(plain, start, at))):
            continue
        if not code[start:at].strip():
            continue
        parts.append(_part(code, start, at))
        start = at
    if code[start:].strip():
        parts.append(_part(code, start, len(code)))
    return parts


def _part(code: str, start: int, end: int) -> Part:
    text = code[start:end]
    blank = len(text) - len(text.lstrip())
    return Part(code.count("\n", 0, start + blank) + 1, text[blank:])


def _end_of_directive(plain: str, at: int) -> int:
    end = _end_of_line(plain, at)
    while plain[at:end].endswith("\\") and end < len(plain):
        end = _end_of_line(plain, end + 1)
    return end


def _is_end(plain: str, start: int, at: int) -> bool:
    """Say whether a closing brace ends the part that it stands in."""
    if _GOES_ON.match(plain, at):
        return False
    rest = plain[at : _end_of_line(plain, at)].strip()
    return not (rest and _DECLARES.match(plain, start))
