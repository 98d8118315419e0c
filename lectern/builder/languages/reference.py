"""The catalogue as people read it: docs/reference/languages.md. Pure."""

from __future__ import annotations

from pathlib import Path

from lectern.builder.languages.catalogue import Language, read_catalogue

_PAGE = Path(__file__).with_name("reference.template.md")


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
