"""A shell script's simple commands that always run, found without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENS = {"if", "for", "while", "until", "case", "select", "{"}
_CLOSES = {"fi", "done", "esac", "}"}


def simple_commands(script: str) -> Iterator[tuple[int, int]]:
    """Give start and end of each command, without blanks around it.

    Whether a command inside of another (`if`, a loop, a function, `||`, a pipe) runs is the shell's own to
    decide, so it is not among them; nor is what follows a here-document.
    """
    depth, start, is_inside_of_list = 0, 0, False
    for stop, separator in _separators(script):
        text = script[start:stop]
        words = text.split(maxsplit=1)
        first = words[0] if words else ""
        depth += first in _OPENS or text.rstrip().endswith("{")
        is_simple = not depth and not is_inside_of_list and separator not in {"||", "|", "<<"}
        if words and is_simple:
            begin = start + len(text) - len(text.lstrip())
            yield begin, begin + len(text.strip())
        if separator == "<<":
            return
        depth -= first in _CLOSES
        is_inside_of_list = separator in {"||", "|"}
        start = stop + len(separator)


def _separators(script: str) -> Iterator[tuple[int, str]]:
    """Give where commands end and what ends them: "" at the end of the script."""
    position = 0
    while position < len(script):
        end = _end_of_quote(script, position)
        pair, sign = script[position : position + 2], script[position]
        if end > position:
            position = end
        elif pair in {"&&", "||", "<<", ";;"}:
            yield position, pair
            position += 2
        elif sign in "\n;|" or (sign == "&" and script[position - 1 : position] not in {">", "<"}):
            yield position, sign
            position += 1
        else:
            position += 1
    yield len(script), ""


def _end_of_quote(script: str, position: int) -> int:
    """Give the end of what is quoted, escaped or a comment; the position itself for all else."""
    sign = script[position]
    if sign == "\\":
        return position + 2
    if sign in {"'", '"'}:
        end = position + 1
        while end < len(script) and script[end] != sign:
            end += 2 if sign == '"' and script[end] == "\\" else 1
        return end + 1
    if sign == "#" and (position == 0 or script[position - 1] in " \t\n;"):
        end = script.find("\n", position)
        return len(script) if end < 0 else end
    return position
