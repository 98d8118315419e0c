"""The catalogue as people read it: docs/reference/languages.md, and the rows of `lectern languages`. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lectern.builder.languages.catalogue import Language, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAGE = Path(__file__).with_name("reference.template.md")


def rows(languages: Iterable[Language] | None = None) -> list[dict[str, Any]]:
    """Give what `lectern languages --json` prints: an object for each language."""
    chosen = read_catalogue().values() if languages is None else languages
    return [
        {
            "name": language.key,
            "title": language.name,
            "aliases": list(language.aliases),
            "size_mb": language.size_mb,
            "keeps_state": language.keeps_state,
            "debian": list(language.debian),
            "pypi": list(language.pypi),
            "kernelspec": language.kernelspec,
            "note": language.note,
        }
        for language in chosen
    ]


def markdown() -> str:
    """Write docs/reference/languages.md."""
    table = "".join(map(_row, read_catalogue().values()))
    return _PAGE.read_text(encoding="utf-8").replace("{rows}", table)


def _row(language: Language) -> str:
    aliases = f" ({', '.join(f'`{alias}`' for alias in language.aliases)})" if language.aliases else ""
    title = f"{language.name} ({language.note})" if language.note else language.name
    cells = (
        f"`{language.key}`{aliases}",
        title,
        "yes" if language.keeps_state else "no",
        str(language.size_mb),
        ", ".join(language.debian),
        ", ".join(language.pypi),
        "Lectern's" if language.recipe else "its own",
    )
    return f"| {' | '.join(cells)} |\n"
