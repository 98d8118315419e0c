"""What a repo's material uses: modules that notebooks and scripts import, R packages that they load."""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAX_BYTES = 5 * 1024 * 1024
_MAX_FILES = 2000
_IMPORT = re.compile(
    r"^\s*(?:from\s+([A-Za-z_]\w*)[\w.]*\s+import\b|import\s+([A-Za-z_][\w., ]*))", re.MULTILINE
)
_FENCE = re.compile(
    r"^\s*(`{3,}|~{3,})\s*\{?\s*([A-Za-z-]*)[^\n]*\n(.*?)^\s*\1\s*$", re.MULTILINE | re.DOTALL
)
_PYTHON_FENCES = frozenset({"python", "py", "ipython", "code-cell"})


def imported_modules(repo: Path) -> frozenset[str]:
    """Give the top-level modules that the material imports, without Python's own and the repo's."""
    found: set[str] = set()
    own = {path.stem for path in repo.rglob("*.py")} | {path.name for path in repo.iterdir() if path.is_dir()}
    for path, text in _material(repo):
        for source in _cells(path, text, _PYTHON_FENCES, {".py"}):
            found |= _modules(source)
    return frozenset(found - own - sys.stdlib_module_names)


def _material(repo: Path) -> Iterable[tuple[Path, str]]:
    kinds = {".py", ".ipynb", ".md", ".Rmd", ".qmd"}
    paths = (path for path in sorted(repo.rglob("*")) if path.suffix in kinds and ".git" not in path.parts)
    for path, _ in zip(paths, range(_MAX_FILES), strict=False):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_BYTES:
            yield path, path.read_text(encoding="utf-8", errors="replace")


def _cells(path: Path, text: str, fences: frozenset[str], scripts: set[str]) -> Iterable[str]:
    if path.suffix in scripts:
        yield text
    elif path.suffix == ".ipynb":
        yield from _notebook_cells(text)
    elif path.suffix in {".md", ".Rmd", ".qmd"}:
        yield from (code for _, language, code in _FENCE.findall(text) if language.lower() in fences)


def _notebook_cells(text: str) -> Iterable[str]:
    try:
        notebook: Any = json.loads(text)
        for cell in notebook.get("cells", ()):
            if cell.get("cell_type") == "code":
                yield "".join(cell.get("source", ()))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return  # the participant's JupyterLab will say that it is no notebook


def _modules(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Cells with magics, and other languages: a line that looks like an import is one.
        lines = _IMPORT.findall(source)
        return {
            name.split(" as ")[0].strip().split(".")[0]
            for one, several in lines
            for name in ([one] if one else several.split(","))
            if name.strip()
        }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
