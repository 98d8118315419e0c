"""Files that go into the image as they are: read once to see that they will work there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lectern.builder.declare.files import require_few
from lectern.builder.declare.toml_text import load_toml
from lectern.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.builder.declare.files import Source, Text

_CHECKS = ("check.md", "check.ipynb", "check.py")


def read_verbatim(source: Source) -> dict[str, str]:
    """Give the texts of those that are there, by name.

    Raises
    ------
    DeclarationError
        One of them could not work.
    """
    found = {}
    for name, require in _READERS.items():
        if text := source.find_text(name):
            require(text)
            found[name] = text.content
    return found


def find_check(source: Source) -> str:
    """Give the path of the instructor's own smoke test, "" when there is none.

    Raises
    ------
    DeclarationError
        It is no file of the repo.
    """
    name = next((name for name in _CHECKS if source.has(name)), None)
    if not name:
        return ""
    source.require_file(source.path(name))
    return source.path(name)


def find_templates(source: Source) -> tuple[str, ...]:
    """Give the paths of the files under templates/.

    Raises
    ------
    DeclarationError
        One of them is no file of the repo.
    """
    folder = source.repo / source.path("templates")
    if not folder.is_dir():
        return ()
    paths = sorted(
        path.relative_to(source.repo).as_posix() for path in folder.rglob("*") if not path.is_dir()
    )
    require_few(len(paths), source.path("templates"))
    for path in paths:
        source.require_file(path)
    return tuple(paths)


def _require_object(text: Text) -> None:
    try:
        document = json.loads(text.content)
    except json.JSONDecodeError as problem:
        raise DeclarationError(
            f"is no JSON ({problem.msg})",
            where=text.where(problem.lineno),
            hint="compare brackets, quotes and commas with the lines above",
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise DeclarationError(
            "is no JSON (nested too deeply, or a number too long)", where=text.path, hint="write less into it"
        ) from problem
    if not isinstance(document, dict):
        raise DeclarationError(
            "is no JSON object",
            where=text.path,
            hint='write `{"@jupyterlab/apputils-extension:themes": {…}}`',
        )


def _require_program(text: Text) -> None:
    if not text.content.startswith("#!"):
        raise DeclarationError(
            "does not say what runs it", where=text.where(1), hint="begin it with `#!/bin/bash`"
        )


def _require_toml(text: Text) -> None:
    load_toml(text)


_READERS: dict[str, Callable[[Text], None]] = {
    "jupytext.toml": _require_toml,
    "overrides.json": _require_object,
    "postBuild": _require_program,
    "start": _require_program,
}
