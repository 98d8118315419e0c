"""Which packages R files use: `library(x)`, `require(x)`, `x::f` in scripts, R Markdown, Quarto, notebooks.

Reads R as text, without running it: strings and comments are known as such, so what only talks of a
package does not count. Names that are computed cannot be seen.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from lectern.builder.resolve.debian_r import BASE_PACKAGES
from lectern.builder.resolve.r_version import is_package_name

if TYPE_CHECKING:
    from pathlib import Path

#: A notebook with pictures is smaller; what is larger holds data.
_MAX_BYTES = 32 << 20
_MAX_FILES = 2000
#: So many tokens of a call are looked at: more than any call of `library` has.
_CALL_TOKENS = 32

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | [rR](?P<quote>["'])(?P<dashes>-*)(?P<open>[\[({])   # a raw string; its end is looked for by hand
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<backtick>`[^`\n]*`)
    | (?P<name>[A-Za-z.][\w.]*)
    | (?P<sign>:::?|[(),=])
    | (?P<blank>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_ATTACHING = frozenset({"library", "require", "requireNamespace", "loadNamespace"})
_CHUNK = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*\{[rR]\b[^}\n]*\}[^\n]*\n"
    r"(?P<code>.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(r"`[rR][ \t]+([^`]+)`")


def imports_of(name: str, text: str) -> frozenset[str]:
    """Give the packages that one file uses, R's own left out.

    Parameters
    ----------
    name : str
        The file's name: .R, .Rmd, .qmd or .ipynb; of any other nothing is read.
    text : str
        Its content, whatever it is.
    """
    match PurePath(name).suffix.lower():
        case ".r":
            code = text
        case ".rmd" | ".qmd":
            chunks = [match["code"] for match in _CHUNK.finditer(text)]
            code = "\n".join(chunks + _INLINE.findall(_CHUNK.sub("", text)))
        case ".ipynb":
            code = _code_of_notebook(text)
        case _:
            code = ""
    return frozenset(found for found in _used(code) if found.lower() not in BASE_PACKAGES)


def imports_of_repo(repo: Path) -> frozenset[str]:
    """Give the packages that a repo's files use; links and very large files are passed over."""
    found: set[str] = set()
    read = 0
    for path in sorted(repo.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(repo).parts)
        if path.suffix.lower() not in {".r", ".rmd", ".qmd", ".ipynb"} or is_hidden:
            continue
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            continue
        found |= imports_of(path.name, path.read_text(encoding="utf-8", errors="replace"))
        read += 1
        if read == _MAX_FILES:
            break
    return frozenset(found)


def _code_of_notebook(text: str) -> str:
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(notebook, dict) or not _is_r(notebook.get("metadata")):
        return ""
    cells = notebook.get("cells")
    parts = []
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = source if isinstance(source, list) else [source]
            parts.append("".join(line for line in lines if isinstance(line, str)))
    return "\n".join(parts)


def _is_r(metadata: object) -> bool:
    if not isinstance(metadata, dict):
        return False
    told = [
        part.get(key)
        for part, key in (
            (metadata.get("kernelspec"), "language"),
            (metadata.get("kernelspec"), "name"),
            (metadata.get("language_info"), "name"),
        )
        if isinstance(part, dict)
    ]
    return any(isinstance(word, str) and word.lower() in {"r", "ir"} for word in told)


def _tokens(code: str) -> list[tuple[str, str]]:
    """Split R into what matters here: names, strings, the signs of a call."""
    tokens = []
    position = 0
    while match := _TOKEN.match(code, position):
        position = match.end()
        if match["open"]:
            end = _CLOSING[match["open"]] + match["dashes"] + match["quote"]
            found = code.find(end, position)
            value = code[position:found] if found >= 0 else ""
            position = found + len(end) if found >= 0 else len(code)
            tokens.append(("string", value))
        elif match["string"]:
            tokens.append(("string", match["string"][1:-1]))
        elif match["backtick"]:
            tokens.append(("name", match["backtick"][1:-1]))
        elif match["name"]:
            tokens.append(("name", match["name"]))
        elif not (match["comment"] or match["blank"]):
            tokens.append(("sign", match["sign"] or match["other"]))
    return tokens


def _used(code: str) -> set[str]:
    tokens = [*_tokens(code), *[("end", "")] * 5]
    found = set()
    for index, (kind, value) in enumerate(tokens[:-5]):
        if kind not in {"name", "string"}:
            continue
        following = tokens[index + 1][1] if tokens[index + 1][0] == "sign" else ""
        if following in {"::", ":::"}:
            found.add(value)
        elif kind == "name" and value in _ATTACHING and following == "(":
            found |= _attached(value, tokens[index + 2 : index + 2 + _CALL_TOKENS])
    return {name for name in found if is_package_name(name)}


def _attached(function: str, rest: list[tuple[str, str]]) -> set[str]:
    """Read the first argument of `library(` and its like; a name that stands for a value is no package."""
    if rest[0] == ("name", "package") and rest[1] == ("sign", "="):
        rest = rest[2:]
    (kind, value), after = rest[0], rest[1]
    is_quoted = kind == "string"
    is_bare = kind == "name" and function in {"library", "require"}
    if after not in {("sign", ")"), ("sign", ",")} or not (is_quoted or is_bare):
        return set()
    if is_bare and ("name", "character.only") in _arguments(rest):
        return set()
    return {value}


def _arguments(rest: list[tuple[str, str]]) -> list[tuple[str, str]]:
    end = rest.index(("sign", ")")) if ("sign", ")") in rest else len(rest)
    return rest[:end]
